import { createDatabaseClock, fixedClock } from '@malla/chassis/database-clock';
import { createLogger, type Logger } from '@malla/chassis/logger';
import { createMetrics, type GaugeSource } from '@malla/chassis/metrics';
import { mysqlReadiness, readMysqlTime } from '@malla/chassis/mysql-checks';
import { orUnavailable } from '@malla/chassis/mysql-outage';
import type { Running } from '@malla/chassis/process';
import { createGrpcServer } from '@malla/chassis/server';
import { loadMeshTls } from '@malla/chassis/tls';
import { mallaContract } from '@malla/proto/contract';
import { connectStock } from './clients/stock.ts';
import { connectStores, type Stores } from './clients/stores.ts';
import { connectUsers, type Users } from './clients/users.ts';
import type { Config } from './config.ts';
import { createPageTokens } from './crypto/page-tokens.ts';
import { detached, inDatabase } from './data/contexts.ts';
import { createGauges } from './data/gauges.ts';
import { createIdempotencyStore } from './data/idempotency.ts';
import { createLedger } from './data/ledger/ledger.repository.ts';
import { createStatements } from './data/ledger/statements.ts';
import { createVerifyLedger } from './data/ledger/verify/verify.ts';
import { type Orm, openOrm } from './data/orm.ts';
import { createDisputes } from './data/payments/disputes.repository.ts';
import { createNotifications } from './data/payments/notifications.repository.ts';
import { createOperations } from './data/payments/operations.repository.ts';
import { createPaymentMethods } from './data/payments/payment-methods.repository.ts';
import { createPayments } from './data/payments/payments.repository.ts';
import { createRefunds } from './data/payments/refunds.repository.ts';
import { createRestocks } from './data/payments/restocks.repository.ts';
import { createPurchaseChanges } from './data/purchases/changes.repository.ts';
import { createOpenPurchases, createVersionsOf } from './data/purchases/open-purchases.repository.ts';
import { createPurchases } from './data/purchases/purchases.repository.ts';
import { createReceipts } from './data/receipts/receipts.repository.ts';
import { createSnapshot } from './data/snapshot.ts';
import { createTransact } from './data/transact.ts';
import type { Clock } from './domain/clock.ts';
import type { Stock } from './domain/purchases/ports.ts';
import { createPurchaseOfPayment } from './domain/purchases/purchase-of-payment.ts';
import type { Reached } from './domain/steps.ts';
import { createIdentification } from './identification.ts';
import { createProvider } from './providers/choose.ts';
import { createReceiptPrinter } from './receipts/printer.ts';
import { transactionsServices } from './rpc/index.ts';
import { createWebhooks, type WebhookOverrides } from './webhooks/create.ts';
import { startWorkers } from './workers/index.ts';
import { createPurchaseTail } from './workers/purchase-tail.ts';
import { createVerification } from './workers/verification.ts';

const STOP_GRACE_MS = 20_000;
/** Within so many times the longest wait for a provider an operation has been asked for, and what follows from it. */
const LEASE_TIMEOUTS = { operation: 3, request: 4 };

/** A server that runs. */
export interface Started extends Running {
  readonly port: number;
  /** Where its metrics are read; undefined when they are not. */
  readonly metricsPort: number | undefined;
}

/** What a test may set in place of the real thing. */
export interface Overrides extends WebhookOverrides {
  readonly clock?: Clock;
  /** Is told of each step that is reached. No configuration sets it. */
  readonly reached?: Reached;
  readonly log?: Logger;
}

/**
 * Wires the service together and starts it. While the database is away it says NOT_SERVING, and starts to serve when it comes.
 * @throws Error when the port is taken.
 */
export async function startServer(config: Config, overrides: Overrides = {}): Promise<Started> {
  const log = overrides.log ?? createLogger('svc-transactions', config.LOG_LEVEL);
  const tls = loadMeshTls(config);
  const contract = mallaContract();
  const orm = openOrm(config.DATABASE_URL);
  const users = connectUsers(contract, config.SVC_USERS_TARGET, tls);
  const stores = connectStores(contract, config.SVC_STORES_TARGET, tls);
  const stock = connectStock(contract, config.SVC_STORES_TARGET, tls);
  const receiptPrinter = createReceiptPrinter();
  const execute = (sql: string) => orm.em.fork().execute(sql);
  const clock = overrides.clock
    ? fixedClock(overrides.clock)
    : createDatabaseClock({ readTime: () => readMysqlTime(execute), log });
  const deps = { ...(await createDeps(config, orm, { users, stores, stock }, overrides, clock, log)), receiptPrinter };
  const purchaseTail = createPurchaseTail(createVersionsOf(orm), log);
  const closeConnections = async () => {
    users.close();
    stores.close();
    stock.close();
    await receiptPrinter.close();
    await orm.close();
  };
  try {
    const metrics = createMetrics(config, log);
    for (const gauge of [clock.gauge, ...createGauges(orm, deps), ...deps.verification.gauges, unreadableSecrets(deps)])
      metrics?.gauge(gauge);
    const server = createGrpcServer({
      contract,
      implementations: transactionsServices({ ...deps, purchaseGrowth: purchaseTail }),
      tls,
      log,
      metrics,
      identification: createIdentification(config, users),
      fitness: () => orUnavailable(clock.ready),
      withinCall: inDatabase(orm),
      readiness: mysqlReadiness(execute, clock),
    });
    const port = await server.start(config.GRPC_HOST, config.GRPC_PORT);
    log.info({ port }, 'listening');
    const stopWorkers = startWorkers(orm, deps, clock.isReady, log);
    const stop = async () => {
      purchaseTail.close();
      await server.stop(STOP_GRACE_MS);
      await stopWorkers();
      await closeConnections();
    };
    return { port, metricsPort: metrics?.port, stop };
  } catch (error) {
    await closeConnections();
    throw error;
  }
}

function unreadableSecrets({
  countUnreadableSecrets: count,
}: {
  countUnreadableSecrets: () => Promise<number>;
}): GaugeSource {
  const help = 'Webhook secrets that no configured key decrypts.';
  return {
    name: 'malla_webhook_secrets_unreadable',
    help,
    ageMsMax: 3_600_000,
    read: async () => [{ value: await count() }],
  };
}

/** Who is asked. */
interface Neighbours {
  readonly users: Users;
  readonly stores: Stores;
  readonly stock: Stock;
}

async function createDeps(
  config: Config,
  orm: Orm,
  { users, stores, stock }: Neighbours,
  overrides: Overrides,
  clock: Clock,
  log: Logger,
) {
  const transact = createTransact(orm);
  const provider = await createProvider(config, clock, log);
  const verifyLedger = createVerifyLedger(orm, provider.name);
  const purchases = createPurchases(orm);
  const payments = createPayments(orm);
  const purchaseChanges = createPurchaseChanges(orm);
  const webhooks = createWebhooks(config, orm, transact, overrides);
  const { events } = webhooks;
  return {
    clock,
    reached: overrides.reached ?? (() => undefined),
    transact,
    snapshot: createSnapshot(orm),
    detached: detached(orm),
    pageTokens: createPageTokens(config.PAGE_TOKEN_KEY, config.PAGE_TOKEN_KEYS_PREVIOUS),
    idempotency: {
      store: createIdempotencyStore(orm, clock),
      clock,
      leaseMs: LEASE_TIMEOUTS.request * config.PROVIDER_TIMEOUT_MS,
    },
    ledger: createLedger(orm, clock),
    statements: createStatements(orm),
    verifyLedger,
    verification: createVerification(verifyLedger, clock, log),
    verifyIntervalMs: config.LEDGER_VERIFY_INTERVAL_MS,
    verifyFirstWithinMs: config.LEDGER_VERIFY_FIRST_WITHIN_MS,
    payments,
    refunds: createRefunds(orm, clock),
    restocks: createRestocks(orm),
    purchaseChanges,
    openPurchases: createOpenPurchases(orm),
    stuckAfterMs: config.PURCHASE_STUCK_AFTER_MS,
    captureGiveUpAfterMs: config.CAPTURE_GIVE_UP_AFTER_MS,
    purchaseOf: createPurchaseOfPayment({ purchases, payments, purchaseChanges, events, clock }),
    operations: createOperations(orm),
    methods: createPaymentMethods(orm, provider.name),
    disputes: createDisputes(orm),
    notifications: createNotifications(orm, transact),
    purchases,
    receipts: createReceipts(orm),
    stock,
    customers: users,
    listTakeovers: users.listTakeovers,
    listOwnedStores: stores.listOwnedStores,
    taxBasisPoints: config.TAX_BASIS_POINTS,
    ...webhooks,
    storeStaff: stores,
    storeManagers: stores,
    storeDirectory: stores,
    provider,
    operationLeaseMs: LEASE_TIMEOUTS.operation * config.PROVIDER_TIMEOUT_MS,
    feeBasisPoints: config.FEE_BASIS_POINTS,
    workerSlots: config.WORKER_SLOTS,
  };
}
