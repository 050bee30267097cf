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
  'RATE_LIMIT_READ_PER_MINUTE',
  'RATE_LIMIT_WRITE_PER_MINUTE',
  'RATE_LIMIT_CREDENTIAL_PER_MINUTE',
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
  ...common(spec, around),
  ...(spec.kind === 'service' ? serviceEnv(spec, secrets, around) : gatewayEnv(spec, around)),
  ...secrets.keys,
  ...passedOn(around.env),
});

const common = ({ name }: ProcessSpec, { state, processes, ports }: Surroundings): Env => {
  const front = processes.find((spec) => spec.kind === 'gateway');
  return {
    TLS_CA_FILE: state.caFile,
    TLS_CERT_FILE: state.certFile(name),
    TLS_KEY_FILE: state.keyFile(name),
    TOKEN_ISSUER: `https://localhost:${front === undefined ? 8443 : ports.get(front.name)}`,
    TOKEN_AUDIENCE: 'https://api.malla.local',
    EXTERNAL_ISSUERS: '[]',
    LOG_LEVEL: 'info',
  };
};

const serviceEnv = ({ name }: ProcessSpec, { mysqlPassword }: ProcessSecrets, around: Surroundings): Env => ({
  GRPC_HOST: '127.0.0.1',
  GRPC_PORT: String(around.ports.get(name)),
  DATABASE_URL: databaseUrl(name, mysqlPassword, around.mysqlPorts.get(name)),
  ...Object.fromEntries(
    targets(around).flatMap(([other, target]) => (other === name ? [] : [[`${upperSnake(other)}_TARGET`, target]])),
  ),
});

const databaseUrl = (service: string, password: string, port: number | undefined): string =>
  `mysql://${databaseName(service)}:${password}@127.0.0.1:${port}/${databaseName(service)}`;

/** Every service with its gRPC target. */
const targets = ({ processes, ports }: Surroundings): [string, string][] =>
  ofKind(processes, 'service').map(({ name }) => [name, `dns:///127.0.0.1:${ports.get(name)}`]);

const gatewayEnv = ({ name }: ProcessSpec, around: Surroundings): Env => ({
  HTTPS_HOST: '127.0.0.1',
  HTTPS_PORT: String(around.ports.get(name)),
  HTTPS_CERT_FILE: around.state.certFile(`${name}-https`),
  HTTPS_KEY_FILE: around.state.keyFile(`${name}-https`),
  UPSTREAMS: targets(around)
    .map(([service, target]) => `${service}=${target}`)
    .join(','),
});

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

export const readEnvFile = (path: string): Env => {
  const parsed = parseEnv(readFileSync(path, 'utf8'));
  return Object.fromEntries(
    Object.entries(parsed).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
};
