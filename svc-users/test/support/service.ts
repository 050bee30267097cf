import { randomBytes, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExternalIssuer } from '@malla/chassis/config';
import { mesh } from '@malla/chassis/testing/certificates';
import type { MeshTls } from '@malla/chassis/tls';
import type { Config } from '../../src/config.ts';
import type { HashingCost } from '../../src/crypto/password-hasher.ts';
import { openOrm } from '../../src/data/orm.ts';
import { startServer } from '../../src/server.ts';
import { closeClients, connect, type UsersClient } from './client.ts';
import { createDatabase } from './database.ts';
import { type DatabaseProxy, startDatabaseProxy } from './database-proxy.ts';

export const ISSUER = 'https://users.test';
export const AUDIENCE = 'https://api.test';

/** A clock that tests move. */
export class TestClock {
  #time = Date.now();

  now(): Date {
    return new Date(this.#time);
  }

  advance(ms: number): void {
    this.#time += ms;
  }
}

/** A running svc-users with a database of its own, and a client that calls it as the edge-gateway. */
export interface TestService {
  readonly client: UsersClient;
  readonly port: number;
  readonly clock: TestClock;
  readonly config: Config;
  /** What stands between the service and its database. */
  readonly proxy: DatabaseProxy;
  /** A client that calls as somebody else. */
  clientAs(name: string): Promise<UsersClient>;
  /** Runs SQL in the service's database, past the proxy. */
  sql<Row>(statement: string, parameters?: unknown[]): Promise<Row[]>;
  /** Starts another replica on the same database. @returns a client of it. */
  replica(changes?: Partial<Config>): Promise<UsersClient>;
  startReplica(
    changes?: Partial<Config>,
  ): Promise<{ client: UsersClient; port: number; metricsPort: number | undefined }>;
  stop(): Promise<void>;
}

/** What hashing costs where a test is not about that. */
const CHEAP: HashingCost = { memoryKib: 1_024, passes: 1 };

interface Options {
  readonly externalIssuers?: readonly ExternalIssuer[];
  /** Whether hashing costs what it costs in production. */
  readonly realHashing?: boolean;
}

/** Starts a service for the tests of a file. */
export async function startTestService({
  externalIssuers = [],
  realHashing = false,
}: Options = {}): Promise<TestService> {
  const database = await createDatabase();
  const proxy = await startDatabaseProxy(database.url);
  const config = await testConfig(proxy.url, externalIssuers);
  const clock = new TestClock();
  const orm = openOrm(database.url);
  const overrides = { clock, healthCheckIntervalMs: 100, ...(!realHashing && { hashingCost: CHEAP }) };
  const start = (changes: Partial<Config> = {}) => startServer({ ...config, ...changes }, overrides);
  const first = await start();
  const running = [first];
  const clientAs = async (name: string, port = first.port) => connect(port, await (await mesh).issue(name));
  const startReplica = async (changes?: Partial<Config>) => {
    const started = await start(changes);
    running.push(started);
    const { port, metricsPort } = started;
    return { port, metricsPort, client: await clientAs('edge-gateway', port) };
  };
  return {
    clock,
    config,
    proxy,
    port: first.port,
    client: await clientAs('edge-gateway'),
    clientAs,
    sql: (statement, parameters) => orm.em.fork().execute(statement, parameters),
    replica: async (changes) => (await startReplica(changes)).client,
    startReplica,
    stop: async () => {
      closeClients();
      await Promise.all(running.map((server) => server.stop()));
      await Promise.all([orm.close(), proxy.cut()]);
      await database.drop();
    },
  };
}

/** Writes a certificate of the service to files. */
export async function certificateFiles() {
  const folder = await mkdtemp(join(tmpdir(), 'svc-users-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const tls = await (await mesh).issue('svc-users');
  const write = async (name: keyof MeshTls) => {
    await writeFile(join(folder, name), tls[name]);
    return join(folder, name);
  };
  return { TLS_CA_FILE: await write('ca'), TLS_CERT_FILE: await write('cert'), TLS_KEY_FILE: await write('key') };
}

const certificates = certificateFiles();

async function testConfig(databaseUrl: string, issuers: readonly ExternalIssuer[]): Promise<Config> {
  return {
    GRPC_HOST: '127.0.0.1',
    GRPC_PORT: 0,
    DATABASE_URL: databaseUrl,
    ...(await certificates),
    TOKEN_ISSUER: ISSUER,
    TOKEN_AUDIENCE: AUDIENCE,
    EXTERNAL_ISSUERS: [...issuers],
    EXTERNAL_CLAIMS_NAMESPACE: 'https://malla.test/',
    KEY_ENCRYPTION_KEY: new Uint8Array(randomBytes(32)),
    KEY_ENCRYPTION_KEYS_PREVIOUS: [],
    METRICS_HOST: '127.0.0.1',
    LOG_LEVEL: (process.env.TEST_LOG_LEVEL ?? 'silent') as Config['LOG_LEVEL'],
  };
}

export const PASSWORD = 'correct horse battery';

/** Registers somebody new. */
export async function registerSomebody(client: UsersClient) {
  const email = `${randomUUID()}@example.com`;
  return { email, ...(await client.registerUser({ email, password: PASSWORD, displayName: 'Somebody' })) };
}
