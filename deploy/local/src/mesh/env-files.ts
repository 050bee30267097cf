import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { ProcessSpec } from './processes.ts';
import type { ProcessSecrets } from './secrets.ts';
import type { State } from './state.ts';

export type Env = Readonly<Record<string, string>>;

/** Variables that reach the processes from whoever types `make up`, where set. */
export const PASSED_ON = ['LOG_LEVEL', 'EXTERNAL_ISSUERS', 'CORS_ORIGINS', 'TOKEN_AUDIENCE'] as const;

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

const serviceEnv = (
  { name }: ProcessSpec,
  { mysqlPassword }: ProcessSecrets,
  { ports, mysqlPorts }: Surroundings,
): Env => ({
  GRPC_HOST: '127.0.0.1',
  GRPC_PORT: String(ports.get(name)),
  DATABASE_URL: `mysql://${databaseName(name)}:${mysqlPassword}@127.0.0.1:${mysqlPorts.get(name)}/${databaseName(name)}`,
});

const gatewayEnv = ({ name }: ProcessSpec, { state, processes, ports }: Surroundings): Env => ({
  HTTPS_HOST: '127.0.0.1',
  HTTPS_PORT: String(ports.get(name)),
  HTTPS_CERT_FILE: state.certFile(`${name}-https`),
  HTTPS_KEY_FILE: state.keyFile(`${name}-https`),
  UPSTREAMS: processes
    .filter((spec) => spec.kind === 'service')
    .map((spec) => `${spec.name}=dns:///127.0.0.1:${ports.get(spec.name)}`)
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
