import { leaveOldServers, setUpConnection } from '@malla/chassis/mysql-connections';
import { shareConnections } from '@malla/chassis/mysql-shares';
import { defineConfig, MikroORM } from '@mikro-orm/mysql';
import { CompiledQuery, type DatabaseConnection } from 'kysely';
import { Stores20261125 } from './migrations/2026-11-25-stores.ts';
import { Catalog20261126 } from './migrations/2026-11-26-catalog.ts';
import { Search20261127 } from './migrations/2026-11-27-search.ts';
import { StockReturns20261130 } from './migrations/2026-11-30-stock-returns.ts';
import { EndsOfRuns20261201 } from './migrations/2026-12-01-ends-of-runs.ts';
import { Idempotency20261201 } from './migrations/2026-12-01-idempotency.ts';
import { StockLog20261201 } from './migrations/2026-12-01-stock-log.ts';
import { Upkeep20261201 } from './migrations/2026-12-01-upkeep.ts';
import { EverSold20261207 } from './migrations/2026-12-07-ever-sold.ts';
import { RetentionImports20261207 } from './migrations/2026-12-07-retention-imports.ts';
import { RetentionReservations20261207 } from './migrations/2026-12-07-retention-reservations.ts';
import { StoreBusiness20261207 } from './migrations/2026-12-07-store-business.ts';
import { StoreOwners20261207 } from './migrations/2026-12-07-store-owners.ts';
import { TextVersion20261207 } from './migrations/2026-12-07-text-version.ts';
import { FeedCursors20261208 } from './migrations/2026-12-08-feed-cursors.ts';
import { storeSchema } from './schema.ts';

const POOL_MAX = 20;
const CONNECT_TIMEOUT_MS = 3_000;
/**
 * READ COMMITTED locks no gaps, and a lock is waited for no longer than the RPCs that might want it have. Set once for each
 * connection, which saves a round trip for each transaction.
 */
const SET_SESSION = "SET SESSION transaction_isolation = 'READ-COMMITTED', innodb_lock_wait_timeout = 5";

/** Opens the service's database. No connection is made before the first query. */
export function openOrm(databaseUrl: string) {
  const orm = new MikroORM(
    defineConfig({
      clientUrl: databaseUrl,
      entities: [storeSchema],
      migrations: {
        tableName: 'migrations',
        snapshot: false,
        migrationsList: [
          { name: '2026-11-25-stores', class: Stores20261125 },
          { name: '2026-11-26-catalog', class: Catalog20261126 },
          { name: '2026-11-27-search', class: Search20261127 },
          { name: '2026-11-30-stock-returns', class: StockReturns20261130 },
          { name: '2026-12-01-ends-of-runs', class: EndsOfRuns20261201 },
          { name: '2026-12-01-idempotency', class: Idempotency20261201 },
          { name: '2026-12-01-stock-log', class: StockLog20261201 },
          { name: '2026-12-01-upkeep', class: Upkeep20261201 },
          { name: '2026-12-07-ever-sold', class: EverSold20261207 },
          { name: '2026-12-07-retention-imports', class: RetentionImports20261207 },
          { name: '2026-12-07-retention-reservations', class: RetentionReservations20261207 },
          { name: '2026-12-07-store-owners', class: StoreOwners20261207 },
          { name: '2026-12-07-text-version', class: TextVersion20261207 },
          { name: '2026-12-07-store-business', class: StoreBusiness20261207 },
          { name: '2026-12-08-feed-cursors', class: FeedCursors20261208 },
        ],
      },
      // Else the first use of the ORM asks for the database, on connections that nobody has heard of.
      ensureDatabase: false,
      timezone: 'Z',
      pool: { min: 0, max: POOL_MAX },
      // MikroORM has written the values into the text already: no question marks are left for the driver to look for.
      driverOptions: { connectTimeout: CONNECT_TIMEOUT_MS, queryFormat: (sql: string) => sql },
      onCreateConnection: async (connection) => {
        const created = connection as DatabaseConnection;
        await setUpConnection(created, () => created.executeQuery(CompiledQuery.raw(SET_SESSION)));
      },
      discovery: { checkDuplicateTableNames: true },
      logger: () => undefined,
    }),
  );
  void orm.em
    .getConnection()
    .getNativeClient()
    .then((pool) => {
      leaveOldServers(pool);
      shareConnections(pool, POOL_MAX);
    });
  return orm;
}

export type Orm = ReturnType<typeof openOrm>;
