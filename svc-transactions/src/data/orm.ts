import { leaveOldServers, setUpConnection } from '@malla/chassis/mysql-connections';
import { shareConnections } from '@malla/chassis/mysql-shares';
import { defineConfig, MikroORM } from '@mikro-orm/mysql';
import { CompiledQuery, type DatabaseConnection } from 'kysely';
import { Ledger20261127 } from './migrations/2026-11-27-ledger.ts';
import { Payments20261128 } from './migrations/2026-11-28-payments.ts';
import { Purchases20261129 } from './migrations/2026-11-29-purchases.ts';
import { Webhooks20261201 } from './migrations/2026-12-01-webhooks.ts';
import { ProviderReferences20261202 } from './migrations/2026-12-02-provider-references.ts';
import { PurchaseChanges20261202 } from './migrations/2026-12-02-purchase-changes.ts';
import { IdempotencyClaims20261203 } from './migrations/2026-12-03-idempotency-claims.ts';
import { Receipts20261204 } from './migrations/2026-12-04-receipts.ts';
import { PurchaseTries20261205 } from './migrations/2026-12-05-purchase-tries.ts';
import { ProviderTexts20261206 } from './migrations/2026-12-06-provider-texts.ts';
import { PurchaseChallenges20261207 } from './migrations/2026-12-07-purchase-challenges.ts';
import { PurchaseCustomer20261207 } from './migrations/2026-12-07-purchase-customer.ts';
import { RetentionNotifications20261207 } from './migrations/2026-12-07-retention-notifications.ts';
import { RetentionPayments20261207 } from './migrations/2026-12-07-retention-payments.ts';
import { RetentionPurchases20261207 } from './migrations/2026-12-07-retention-purchases.ts';
import { RetentionRefunds20261207 } from './migrations/2026-12-07-retention-refunds.ts';
import { WebhookTurns20261207 } from './migrations/2026-12-07-webhook-turns.ts';
import { FeedCursors20261208 } from './migrations/2026-12-08-feed-cursors.ts';

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
      migrations: {
        tableName: 'migrations',
        snapshot: false,
        migrationsList: [
          { name: '2026-11-27-ledger', class: Ledger20261127 },
          { name: '2026-11-28-payments', class: Payments20261128 },
          { name: '2026-11-29-purchases', class: Purchases20261129 },
          { name: '2026-12-01-webhooks', class: Webhooks20261201 },
          { name: '2026-12-02-provider-references', class: ProviderReferences20261202 },
          { name: '2026-12-02-purchase-changes', class: PurchaseChanges20261202 },
          { name: '2026-12-03-idempotency-claims', class: IdempotencyClaims20261203 },
          { name: '2026-12-04-receipts', class: Receipts20261204 },
          { name: '2026-12-05-purchase-tries', class: PurchaseTries20261205 },
          { name: '2026-12-06-provider-texts', class: ProviderTexts20261206 },
          { name: '2026-12-07-purchase-challenges', class: PurchaseChallenges20261207 },
          { name: '2026-12-07-purchase-customer', class: PurchaseCustomer20261207 },
          { name: '2026-12-07-retention-notifications', class: RetentionNotifications20261207 },
          { name: '2026-12-07-retention-payments', class: RetentionPayments20261207 },
          { name: '2026-12-07-retention-purchases', class: RetentionPurchases20261207 },
          { name: '2026-12-07-retention-refunds', class: RetentionRefunds20261207 },
          { name: '2026-12-07-webhook-turns', class: WebhookTurns20261207 },
          { name: '2026-12-08-feed-cursors', class: FeedCursors20261208 },
        ],
      },
      // Else the first use of the ORM asks for the database, on connections that nobody has heard of.
      ensureDatabase: false,
      timezone: 'Z',
      pool: { min: 0, max: POOL_MAX },
      driverOptions: { connectTimeout: CONNECT_TIMEOUT_MS },
      onCreateConnection: async (connection) => {
        const created = connection as DatabaseConnection;
        await setUpConnection(created, () => created.executeQuery(CompiledQuery.raw(SET_SESSION)));
      },
      // Each repository has its own SQL: in a ledger every round trip and every lock should show.
      entities: [],
      discovery: { warnWhenNoEntities: false },
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
