import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mesh } from '@malla/chassis/testing/certificates';
import type { MeshTls } from '@malla/chassis/tls';
import { RequestContext } from '@mikro-orm/core';
import type { Config, SandboxSettings } from '../../src/config.ts';
import { createLedger } from '../../src/data/ledger/ledger.repository.ts';
import { createVerifyLedger } from '../../src/data/ledger/verify/verify.ts';
import { openOrm } from '../../src/data/orm.ts';
import { createTransact } from '../../src/data/transact.ts';
import type { Ledger } from '../../src/domain/ledger/transfer.ts';
import type { LedgerFault } from '../../src/domain/ledger/verify.ts';
import { type Overrides, startServer } from '../../src/server.ts';
import { type Clients, closeClients, connect } from './clients.ts';
import { TestClock } from './clock.ts';
import { createDatabase } from './database.ts';
import { startTestSandbox, type TestSandbox } from './sandbox.ts';
import { type FakeStores, startFakeStores } from './stores.ts';
import { AUDIENCE, type FakeUsers, ISSUER, startFakeUsers } from './users.ts';

/** A running svc-transactions with a database of its own, and clients of it. */
export interface TestService {
  /** Calls as the edge-gateway. */
  readonly edge: Clients;
  readonly users: FakeUsers;
  readonly stores: FakeStores;
  readonly sandbox: TestSandbox;
  readonly metricsPort: number | undefined;
  readonly clock: TestClock;
  readonly config: Config;
  /** Works on the ledger past the service, each time in a transaction of its own. */
  onLedger<Result>(work: (ledger: Ledger) => Promise<Result>): Promise<Result>;
  /** Runs SQL in the service's database. */
  sql<Row>(statement: string, parameters?: unknown[]): Promise<Row[]>;
  /**
   * What does not add up in the ledger.
   * @param alone whether payments are left out, for tests that move money on the ledger that is of none.
   */
  ledgerFaults(alone?: boolean): Promise<readonly LedgerFault[]>;
  /** Stops, and then expects the ledger to be sound, payments included unless the test says that it moved money of none. */
  stop(ledgerAlone?: 'ledger alone'): Promise<void>;
}

/** Starts a service for the tests of a file. */
export async function startTestService(changes: Partial<Config> = {}, overrides: Overrides = {}): Promise<TestService> {
  // First: without a MySQL nothing is left running.
  const database = await createDatabase();
  const [users, stores] = await Promise.all([startFakeUsers(), startFakeStores()]);
  const folder = await mkdtemp(join(tmpdir(), 'svc-transactions-'));
  const sandbox = await startTestSandbox(folder);
  const neighbours = { SVC_USERS_TARGET: users.target, SVC_STORES_TARGET: stores.target };
  const config = { ...(await testConfig(folder, database.url, sandbox)), ...neighbours, ...changes } as Config;
  const clock = new TestClock();
  const orm = openOrm(database.url);
  const webhookCa = (await (await mesh).issue('receiver')).ca.toString();
  const server = await startServer(config, { clock, webhookCa, ...overrides });
  const [ledger, transact] = [createLedger(orm, clock), createTransact(orm)];
  const edge = connect(`dns:///127.0.0.1:${server.port}`, await (await mesh).issue('edge-gateway'));
  sandbox.connect(edge);
  const ledgerFaults = async (alone = false) => {
    const verify = createVerifyLedger(orm, alone ? undefined : config.PAYMENT_PROVIDER);
    return (await RequestContext.create(orm.em, verify)).faults;
  };
  return {
    edge,
    users,
    stores,
    sandbox,
    metricsPort: server.metricsPort,
    clock,
    config,
    onLedger: (work) => RequestContext.create(orm.em, () => transact(() => work(ledger))),
    sql: (statement, parameters) => orm.em.fork().execute(statement, parameters),
    ledgerFaults,
    stop: async (ledgerAlone) => {
      await sandbox.stop();
      closeClients();
      await server.stop();
      // Last of all, whatever the tests looked at: no test of the service can forget it.
      const faults = await ledgerFaults(ledgerAlone !== undefined);
      await Promise.all([users.stop(), stores.stop(), orm.close()]);
      await Promise.all([database.drop(), rm(folder, { recursive: true })]);
      assert.deepEqual(faults, []);
    },
  };
}

async function testConfig(
  folder: string,
  databaseUrl: string,
  sandbox: TestSandbox,
): Promise<Omit<Extract<Config, SandboxSettings>, 'SVC_USERS_TARGET' | 'SVC_STORES_TARGET'>> {
  const tls = await (await mesh).issue('svc-transactions');
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
    PAYMENT_PROVIDER: 'sandbox',
    SANDBOX_URL: sandbox.url,
    SANDBOX_API_KEY: sandbox.apiKey,
    SANDBOX_WEBHOOK_SECRET: sandbox.webhookSecret,
    PROVIDER_TIMEOUT_MS: 1_000,
    LEDGER_VERIFY_INTERVAL_MS: 3_600_000,
    LEDGER_VERIFY_FIRST_WITHIN_MS: 3_600_000,
    FEE_BASIS_POINTS: 250,
    TAX_BASIS_POINTS: new Map([['standard', 1_900]]),
    KEY_ENCRYPTION_KEY: new Uint8Array(randomBytes(32)),
    KEY_ENCRYPTION_KEYS_PREVIOUS: [],
    WEBHOOK_TIMEOUT_MS: 1_000,
    WEBHOOK_ALLOWED_HOSTS: ['localhost'],
    PAGE_TOKEN_KEY: new Uint8Array(randomBytes(32)),
    PAGE_TOKEN_KEYS_PREVIOUS: [],
    PURCHASE_STUCK_AFTER_MS: 1_500_000,
    CAPTURE_GIVE_UP_AFTER_MS: 21_600_000,
    WORKER_SLOTS: 8,
    METRICS_HOST: '127.0.0.1',
    LOG_LEVEL: (process.env.TEST_LOG_LEVEL ?? 'silent') as Config['LOG_LEVEL'],
  };
}
