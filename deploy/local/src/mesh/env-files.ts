import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ofKind, type ProcessSpec, upperSnake } from './processes.ts';
import type { ProcessSecrets } from './secrets.ts';
import type { State } from './state.ts';

export type Env = Readonly<Record<string, string>>;

/** Variables that reach the processes from whoever types `make up`, where set. */
export const PASSED_ON = [
  'LOG_LEVEL',
  'EXTERNAL_ISSUERS',
  'EXTERNAL_CLAIMS_NAMESPACE',
  'CORS_ORIGINS',
  'TOKEN_AUDIENCE',
  'FEE_BASIS_POINTS',
  'TAX_BASIS_POINTS',
  'WEBHOOK_ALLOWED_HOSTS',
  'RATE_LIMIT_READ_PER_MINUTE',
  'RATE_LIMIT_WRITE_PER_MINUTE',
  'RATE_LIMIT_CREDENTIAL_PER_MINUTE',
  'RATE_LIMIT_WEBHOOK_PER_MINUTE',
  'STREAMS_MAX',
  'STREAMS_PER_ADDRESS_MAX',
  'STREAMS_PER_USER_MAX',
  'RATE_LIMIT_REFUSED_MIB_PER_MINUTE',
  'LARGE_BODIES_MIB_PER_SECOND',
  'RATE_LIMIT_PAGE_PER_MINUTE',
  'CONNECTIONS_MAX',
  'CONNECTIONS_PER_CLIENT_MAX',
  'HANDSHAKES_PER_CLIENT_PER_SECOND',
  'ANSWER_STALL_TIMEOUT_MS',
  'DRAIN_DELAY_MS',
] as const;

export type Surroundings = {
  readonly state: State;
  readonly processes: readonly ProcessSpec[];
  readonly ports: ReadonlyMap<string, number>;
  /** Name of a service to the port of its MySQL. */
  readonly mysqlPorts: ReadonlyMap<string, number>;
  /** The environment of the command, of which `PASSED_ON` is taken. */
  readonly env: NodeJS.ProcessEnv;
};

/** The environment in which a process runs, whoever starts it. */
export const processEnv = (spec: ProcessSpec, secrets: ProcessSecrets, around: Surroundings): Env => ({
  LOG_LEVEL: 'info',
  ...ENVIRONMENTS[spec.kind](spec, secrets, around),
  ...spec.settings,
  ...secrets.keys,
  ...passedOn(around.env),
});

/** Of everything that has an identity in the mesh. */
const identity = ({ name }: ProcessSpec, around: Surroundings): Env => ({
  TLS_CA_FILE: around.state.caFile,
  TLS_CERT_FILE: around.state.certFile(name),
  TLS_KEY_FILE: around.state.keyFile(name),
  TOKEN_ISSUER: frontDoor(around),
  TOKEN_AUDIENCE: 'https://api.malla.local',
  EXTERNAL_ISSUERS: '[]',
  ...metricsPort(name, around.env),
});

/** Of `SVC_USERS_METRICS_PORT`: metrics are served where somebody wants to read them. */
const metricsPort = (name: string, env: NodeJS.ProcessEnv): Env => {
  const port = env[`${upperSnake(name)}_METRICS_PORT`];
  return port === undefined ? {} : { METRICS_PORT: port };
};

const frontDoor = ({ processes, ports }: Surroundings): string => {
  const front = processes.find((spec) => spec.kind === 'gateway');
  return `https://localhost:${front === undefined ? 8443 : ports.get(front.name)}`;
};

/** What it sends webhooks to may have a certificate of the development CA. */
const serviceEnv = (spec: ProcessSpec, { mysqlPassword }: ProcessSecrets, around: Surroundings): Env => ({
  ...identity(spec, around),
  NODE_EXTRA_CA_CERTS: around.state.caFile,
  GRPC_HOST: '127.0.0.1',
  GRPC_PORT: String(around.ports.get(spec.name)),
  DATABASE_URL: databaseUrl(spec.name, mysqlPassword, around.mysqlPorts.get(spec.name)),
  ...Object.fromEntries(
    targets(around).flatMap(([name, target]) => (name === spec.name ? [] : [[`${upperSnake(name)}_TARGET`, target]])),
  ),
  ...Object.fromEntries(
    ofKind(around.processes, 'sandbox')
      .filter(({ of }) => of === spec.name)
      .map(({ name }) => ['SANDBOX_URL', `http://127.0.0.1:${around.ports.get(name)}`]),
  ),
});

/** It comes in by the front door as everybody does, and has to trust the development CA for that. */
const sandboxEnv = ({ name }: ProcessSpec, _: ProcessSecrets, around: Surroundings): Env => ({
  SANDBOX_HOST: '127.0.0.1',
  SANDBOX_PORT: String(around.ports.get(name)),
  SANDBOX_DATABASE_FILE: around.state.dataFile(name),
  SANDBOX_WEBHOOK_URL: `${frontDoor(around)}/v1/transactions/providers/sandbox/webhook`,
  NODE_EXTRA_CA_CERTS: around.state.caFile,
});

const databaseUrl = (service: string, password: string, port: number | undefined): string =>
  `mysql://${databaseName(service)}:${password}@127.0.0.1:${port}/${databaseName(service)}`;

/** Every service with its gRPC target. */
const targets = ({ processes, ports }: Surroundings): [string, string][] =>
  ofKind(processes, 'service').map(({ name }) => [name, `dns:///127.0.0.1:${ports.get(name)}`]);

const gatewayEnv = (spec: ProcessSpec, _: ProcessSecrets, around: Surroundings): Env => ({
  ...identity(spec, around),
  HTTPS_HOST: '127.0.0.1',
  HTTPS_PORT: String(around.ports.get(spec.name)),
  // No balancer is there to see that the gateway stops.
  DRAIN_DELAY_MS: '0',
  HTTPS_CERT_FILE: around.state.certFile(`${spec.name}-https`),
  HTTPS_KEY_FILE: around.state.keyFile(`${spec.name}-https`),
  UPSTREAMS: targets(around)
    .map(([service, target]) => `${service}=${target}`)
    .join(','),
});

const ENVIRONMENTS = { service: serviceEnv, sandbox: sandboxEnv, gateway: gatewayEnv } as const;

const passedOn = (env: NodeJS.ProcessEnv): Env =>
  Object.fromEntries(PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));

/** The database of a service, which is its user's name too: `svc-users` as `svc_users`. */
export const databaseName = (service: string): string => service.replaceAll('-', '_');

/**
 * As `node --env-file` reads it.
 * @throws Error when a value holds a quote or a line break, which that format cannot carry
 */
export const formatEnvFile = (env: Env): string =>
  Object.entries(env)
    .map(([name, value]) => {
      if (/['\n\r]/.test(value)) throw new Error(`${name} must hold neither a single quote nor a line break`);
      return `${name}='${value}'\n`;
    })
    .join('');

export const readEnvFile = (path: string): Env => parseEnvFile(readFileSync(path, 'utf8'));

/** An environment as a process gets it from a file with this text. */
export const parseEnvFile = (text: string): Env => {
  const parsed = parseEnv(text);
  return Object.fromEntries(
    Object.entries(parsed).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
};
