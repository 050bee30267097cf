import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** One process of the mesh. Its name is its folder and, for a service, what its certificate says. */
export type ProcessSpec = {
  readonly name: string;
  /** A service speaks gRPC and owns a MySQL; a gateway speaks HTTPS and owns no data. */
  readonly kind: 'service' | 'gateway';
  /** Where it listens unless `portVariable` says otherwise. */
  readonly port: number;
  /** Variables that hold 32 random bytes in base64, made once and kept in the state directory. */
  readonly keys: readonly string[];
};

const service = (name: string, port: number, keys: readonly string[] = []): ProcessSpec => ({
  name,
  kind: 'service',
  port,
  keys,
});
const gateway = (name: string, port: number): ProcessSpec => ({ name, kind: 'gateway', port, keys: [] });

/** Every process of the mesh, in the order in which they start. A new service is one line here. */
export const PROCESSES: readonly ProcessSpec[] = [
  service('svc-users', 50051, ['KEY_ENCRYPTION_KEY']),
  service('svc-stores', 50053, ['PAGE_TOKEN_KEY']),
  gateway('edge-gateway', 8443),
];

/** The processes whose folders are in this clone. */
export const presentProcesses = (root: string, table: readonly ProcessSpec[] = PROCESSES): ProcessSpec[] =>
  table.filter(({ name }) => existsSync(join(root, name, 'package.json')));

/** The variable that moves a process to another port: `SVC_USERS_PORT`, `EDGE_GATEWAY_PORT`. */
export const portVariable = (name: string): string => `${upperSnake(name)}_PORT`;

/** `svc-users` as `SVC_USERS`. */
export const upperSnake = (name: string): string => name.toUpperCase().replaceAll('-', '_');

/**
 * Where each process listens: the table's port, or what its variable says.
 * @throws Error naming the variable when it is not a port
 */
export const configuredPorts = (processes: readonly ProcessSpec[], env: NodeJS.ProcessEnv): Map<string, number> =>
  new Map(processes.map(({ name, port }) => [name, parsePort(portVariable(name), env) ?? port]));

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
