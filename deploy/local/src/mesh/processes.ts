import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** One process of the mesh. Its name is what its certificate says and, unless it is another's sandbox, its folder. */
export type ProcessSpec = {
  readonly name: string;
  /**
   * A service speaks gRPC and owns a MySQL; a gateway speaks HTTPS and owns no data. A sandbox stands for a provider
   * outside of the mesh: it speaks HTTP, keeps a file, and has no certificate.
   */
  readonly kind: 'service' | 'gateway' | 'sandbox';
  /** Where it listens unless `portVariable` says otherwise. */
  readonly port: number;
  /** Variables that hold 32 random bytes in base64, made once and kept in the state directory. */
  readonly keys: readonly string[];
  /** Of a sandbox: the service that calls it, in whose folder it lies (`npm run sandbox`), and which knows its keys. */
  readonly of?: string;
  /** Settings that are good on a developer's machine. */
  readonly settings?: Readonly<Record<string, string>>;
};

type More = Partial<Pick<ProcessSpec, 'keys' | 'settings'>>;

const service = (name: string, port: number, more: More = {}): ProcessSpec => ({
  name,
  kind: 'service',
  port,
  keys: [],
  ...more,
});
const sandbox = (name: string, port: number, of: string, keys: readonly string[]): ProcessSpec => ({
  name,
  kind: 'sandbox',
  port,
  of,
  keys,
});
const gateway = (name: string, port: number, more: More = {}): ProcessSpec => ({
  name,
  kind: 'gateway',
  port,
  keys: [],
  ...more,
});

const SANDBOX_KEYS = ['SANDBOX_API_KEY', 'SANDBOX_WEBHOOK_SECRET'];
/** What is taxed of the demo data, and what Malla keeps: 16 % and 2.5 %. */
const TRADE = { TAX_BASIS_POINTS: '{"standard":1600}', FEE_BASIS_POINTS: '250' };

/** A developer's scripts are one client, and a thousand requests at once a thing to try. What guesses secrets is limited as ever. */
const ONE_DEVELOPER = {
  RATE_LIMIT_READ_PER_MINUTE: '60000',
  RATE_LIMIT_WRITE_PER_MINUTE: '6000',
  HANDSHAKES_PER_CLIENT_PER_SECOND: '1000',
};

/** Every process of the mesh. A new service is one line here. */
export const PROCESSES: readonly ProcessSpec[] = [
  service('svc-users', 50051, { keys: ['KEY_ENCRYPTION_KEY'] }),
  service('svc-stores', 50053, { keys: ['PAGE_TOKEN_KEY'] }),
  service('svc-transactions', 50052, {
    keys: ['KEY_ENCRYPTION_KEY', 'PAGE_TOKEN_KEY', ...SANDBOX_KEYS],
    settings: TRADE,
  }),
  sandbox('payment-sandbox', 50062, 'svc-transactions', SANDBOX_KEYS),
  gateway('edge-gateway', 8443, { settings: ONE_DEVELOPER }),
];

/** The folder of a process, at the top of the clone. */
export const folderOf = ({ name, of }: ProcessSpec): string => of ?? name;

/** The processes whose folders are in this clone. */
export const presentProcesses = (root: string, table: readonly ProcessSpec[] = PROCESSES): ProcessSpec[] =>
  table.filter((spec) => existsSync(join(root, folderOf(spec), 'package.json')));

/** The variable that moves a process to another port: `SVC_USERS_PORT`, `EDGE_GATEWAY_PORT`. */
export const portVariable = (name: string): string => `${upperSnake(name)}_PORT`;

/** `svc-users` as `SVC_USERS`. */
export const upperSnake = (name: string): string => name.toUpperCase().replaceAll('-', '_');

/**
 * Where each process listens: the table's port, or what its variable says.
 * @throws Error naming the variable when it is not a port
 */
export const configuredPorts = (processes: readonly ProcessSpec[], env: NodeJS.ProcessEnv): Map<string, number> => {
  for (const { name } of processes) parsePort(`${upperSnake(name)}_METRICS_PORT`, env);
  return new Map(processes.map(({ name, port }) => [name, parsePort(portVariable(name), env) ?? port]));
};

const parsePort = (variable: string, env: NodeJS.ProcessEnv): number | undefined => {
  const text = env[variable];
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`${variable} must be a port from 1 to 65535, not "${text}"`);
  return port;
};

export const ofKind = (processes: readonly ProcessSpec[], kind: ProcessSpec['kind']): ProcessSpec[] =>
  processes.filter((spec) => spec.kind === kind);
