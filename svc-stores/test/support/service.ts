import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mesh } from '@malla/chassis/testing/certificates';
import type { MeshTls } from '@malla/chassis/tls';
import type { Config } from '../../src/config.ts';
import { openOrm } from '../../src/data/orm.ts';
import { type Overrides, startServer } from '../../src/server.ts';
import { type Clients, closeClients, connect } from './clients.ts';
import { createDatabase } from './database.ts';
import { AUDIENCE, type FakeUsers, ISSUER, startFakeUsers } from './users.ts';

/** What the workers have yet to do. */
const WAITING = `SELECT 1 FROM catalog_queue UNION ALL SELECT 1 FROM catalog_sweeps
  UNION ALL SELECT 1 FROM catalog_pending_changes LIMIT 1`;
const WAITING_POLL_MS = 20;

/** A clock that tests move. */
export class TestClock {
  #offsetMs = 0;

  now(): Date {
    return new Date(Date.now() + this.#offsetMs);
  }

  advance(ms: number): void {
    this.#offsetMs += ms;
  }
}

/** A running svc-stores with a database of its own, and clients of it. */
export interface TestService {
  /** Calls as the edge-gateway. */
  readonly edge: Clients;
  /** Calls as svc-transactions. */
  readonly transactions: Clients;
  readonly users: FakeUsers;
  readonly clock: TestClock;
  readonly config: Config;
  readonly databaseUrl: string;
  readonly port: number;
  clientsAs(name: string): Promise<Clients>;
  /** Runs SQL in the service's database. */
  sql<Row>(statement: string, parameters?: unknown[]): Promise<Row[]>;
  /** Resolves when the workers have brought the catalogue and its log up to date. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

interface Options extends Pick<Overrides, 'workers'> {
  /** Puts something between the service and its database. */
  readonly behind?: (databaseUrl: string) => Promise<string>;
  readonly externalIssuers?: Config['EXTERNAL_ISSUERS'];
}

/** Starts a service for the tests of a file. */
export async function startTestService({
  behind = async (url) => url,
  externalIssuers = [],
  ...overrides
}: Options = {}): Promise<TestService> {
  // One after the other: what keeps this process busy for seconds makes its connections to MySQL time out.
  const database = await createDatabase();
  const users = await startFakeUsers();
  const folder = await mkdtemp(join(tmpdir(), 'svc-stores-'));
  const services = await testConfig(folder, await behind(database.url), users.target);
  const config = { ...services, EXTERNAL_ISSUERS: externalIssuers };
  const clock = new TestClock();
  const orm = openOrm(database.url);
  const server = await startServer(config, { clock, ...overrides });
  const clientsAs = async (name: string) => connect(`dns:///127.0.0.1:${server.port}`, await (await mesh).issue(name));
  const sql = <Row>(statement: string, parameters?: unknown[]): Promise<Row[]> =>
    orm.em.fork().execute(statement, parameters);
  return {
    edge: await clientsAs('edge-gateway'),
    transactions: await clientsAs('svc-transactions'),
    users,
    clock,
    config,
    databaseUrl: database.url,
    port: server.port,
    clientsAs,
    sql,
    settled: async () => {
      while ((await sql(WAITING)).length > 0) await sleep(WAITING_POLL_MS);
    },
    stop: async () => {
      closeClients();
      await server.stop();
      await Promise.all([users.stop(), orm.close()]);
      await Promise.all([database.drop(), rm(folder, { recursive: true })]);
    },
  };
}

async function testConfig(folder: string, databaseUrl: string, usersTarget: string): Promise<Config> {
  const tls = await (await mesh).issue('svc-stores');
  const write = async (name: keyof MeshTls) => {
    await writeFile(join(folder, name), tls[name]);
    return join(folder, name);
  };
  return {
    GRPC_HOST: '127.0.0.1',
    GRPC_PORT: 0,
    DATABASE_URL: databaseUrl,
    TLS_CA_FILE: await write('ca'),
    TLS_CERT_FILE: await write('cert'),
    TLS_KEY_FILE: await write('key'),
    TOKEN_ISSUER: ISSUER,
    TOKEN_AUDIENCE: AUDIENCE,
    EXTERNAL_ISSUERS: [],
    SVC_USERS_TARGET: usersTarget,
    PAGE_TOKEN_KEY: new Uint8Array(randomBytes(32)),
    PAGE_TOKEN_KEYS_PREVIOUS: [],
    METRICS_HOST: '127.0.0.1',
    LOG_LEVEL: (process.env.TEST_LOG_LEVEL ?? 'silent') as Config['LOG_LEVEL'],
  };
}
