import { currentCall } from '@malla/chassis/context';
import { createDatabaseClock, fixedClock } from '@malla/chassis/database-clock';
import { createLogger } from '@malla/chassis/logger';
import { createMetrics } from '@malla/chassis/metrics';
import { mysqlReadiness, readMysqlTime } from '@malla/chassis/mysql-checks';
import { orUnavailable } from '@malla/chassis/mysql-outage';
import type { Running } from '@malla/chassis/process';
import { createGrpcServer } from '@malla/chassis/server';
import { loadMeshTls } from '@malla/chassis/tls';
import { createMessageValidator } from '@malla/chassis/validation';
import { type Contract, mallaContract } from '@malla/proto/contract';
import { RequestContext } from '@mikro-orm/core';
import { connectUsers, type Users } from './clients/users.ts';
import type { Config } from './config.ts';
import { createPageTokens } from './crypto/page-tokens.ts';
import { createCatalogLog } from './data/catalog-log.ts';
import { createCatalogQueries } from './data/catalog-search.ts';
import { createCatalogUpkeep } from './data/catalog-upkeep.ts';
import { createCategories } from './data/categories.repository.ts';
import { createExportQueries } from './data/export-queries.ts';
import { createIdempotencyStore } from './data/idempotency.ts';
import { createImportQueries, createImports } from './data/imports.repository.ts';
import { createOffers } from './data/offers.ts';
import { type Orm, openOrm } from './data/orm.ts';
import { createProductQueries } from './data/product-queries.ts';
import { createProducts } from './data/products.repository.ts';
import { createReservations } from './data/reservations.repository.ts';
import { createSavepoint } from './data/savepoint.ts';
import { createStaff } from './data/staff.repository.ts';
import { createStockKeeping } from './data/stock.repository.ts';
import { createStockQueries } from './data/stock-queries.ts';
import { createStockReturns } from './data/stock-returns.repository.ts';
import { createStores } from './data/stores.repository.ts';
import { createTransact } from './data/transact.ts';
import type { Clock } from './domain/clock.ts';
import { createIdentification } from './identification.ts';
import { storesServices } from './rpc/index.ts';
import { startWorkers } from './workers/index.ts';
import { createLogTail } from './workers/log-tail.ts';

const STOP_GRACE_MS = 20_000;

/** A server that runs. */
export interface Started extends Running {
  readonly port: number;
  /** Where its metrics are read; undefined when they are not. */
  readonly metricsPort: number | undefined;
}

/** What a test may set in place of the real thing. */
export interface Overrides {
  readonly clock?: Clock;
  /** Whether the workers run. Default: true. */
  readonly workers?: boolean;
}

/**
 * Wires the service together and starts it. While the database is away it says NOT_SERVING, and starts to serve when it comes.
 * @throws Error when the port is taken.
 */
export async function startServer(config: Config, overrides: Overrides = {}): Promise<Started> {
  const log = createLogger('svc-stores', config.LOG_LEVEL);
  const tls = loadMeshTls(config);
  const contract = mallaContract();
  const orm = openOrm(config.DATABASE_URL);
  const users = connectUsers(contract, config.SVC_USERS_TARGET, tls);
  const execute = (sql: string) => orm.em.fork().execute(sql);
  const clock = overrides.clock
    ? fixedClock(overrides.clock)
    : createDatabaseClock({ readTime: () => readMysqlTime(execute), log });
  const deps = createDeps(config, contract, orm, users, clock);
  const logTail = createLogTail(deps.catalogLog, log);
  const closeConnections = async () => {
    users.close();
    await orm.close();
  };
  try {
    const metrics = createMetrics(config, log);
    metrics?.gauge(clock.gauge);
    const server = createGrpcServer({
      contract,
      implementations: storesServices({ ...deps, catalogFeed: logTail }),
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
    const stopWorkers =
      overrides.workers === false ? async () => undefined : startWorkers(orm, deps, clock.isReady, log);
    const stop = async () => {
      logTail.close();
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

function createDeps(config: Config, contract: Contract, orm: Orm, users: Users, clock: Clock) {
  return {
    clock,
    userExists: users.userExists,
    listTakeovers: users.listTakeovers,
    checkProductMessage: productChecker(contract),
    pageTokens: createPageTokens(config.PAGE_TOKEN_KEY, config.PAGE_TOKEN_KEYS_PREVIOUS),
    transact: createTransact(orm),
    idempotency: { store: createIdempotencyStore(orm, clock), clock },
    savepoint: createSavepoint(orm),
    imports: createImports(orm),
    importQueries: createImportQueries(orm),
    exportQueries: createExportQueries(orm),
    stores: createStores(orm),
    staff: createStaff(orm),
    categories: createCategories(orm),
    products: createProducts(orm),
    productQueries: createProductQueries(orm),
    stockKeeping: createStockKeeping(orm),
    stockQueries: createStockQueries(orm),
    reservations: createReservations(orm),
    stockReturns: createStockReturns(orm),
    offers: createOffers(orm),
    catalogUpkeep: createCatalogUpkeep(orm, clock),
    catalogQueries: createCatalogQueries(orm),
    catalogLog: createCatalogLog(orm),
  };
}

/** Checks products that come without a request of their own, by the rules that requests are checked by. */
function productChecker(contract: Contract) {
  const type = contract.registry.getMessage('malla.stores.v1.Product');
  if (!type) throw new Error('the contract has no product');
  const validate = createMessageValidator(contract);
  return (bytes: Uint8Array) => validate(type, bytes);
}

/** Runs work with an EntityManager of its own, whose queries end when the call is aborted. */
function inDatabase({ em }: Orm) {
  return <Result>(work: () => Promise<Result>): Promise<Result> => {
    const signal = currentCall()?.signal;
    const options = signal && ({ signal, inflightQueryAbortStrategy: 'cancel query' } as const);
    return orUnavailable(() => RequestContext.create(em, work, options));
  };
}
