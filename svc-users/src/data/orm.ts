import { leaveOldServers, setUpConnection } from '@malla/chassis/mysql-connections';
import { shareConnections } from '@malla/chassis/mysql-shares';
import { defineConfig, MikroORM } from '@mikro-orm/mysql';
import { CompiledQuery, type DatabaseConnection } from 'kysely';
import { Users20261124 } from './migrations/2026-11-24-users.ts';
import { Permissions20261130 } from './migrations/2026-11-30-permissions.ts';
import { KnownOrigins20261207 } from './migrations/2026-12-07-known-origins.ts';
import { Takeovers20261208 } from './migrations/2026-12-08-takeovers.ts';
import { refreshTokenSchema, sessionSchema, signingKeySchema, userSchema } from './schema.ts';

const POOL_MAX = 10;
/** Logins and refreshes are public calls, and most of the work; sessions that services ask for have the rest. */
const PUBLIC_SHARE = 0.7;
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
      entities: [userSchema, sessionSchema, refreshTokenSchema, signingKeySchema],
      migrations: {
        tableName: 'migrations',
        snapshot: false,
        migrationsList: [
          { name: '2026-11-24-users', class: Users20261124 },
          { name: '2026-11-30-permissions', class: Permissions20261130 },
          { name: '2026-12-07-known-origins', class: KnownOrigins20261207 },
          { name: '2026-12-08-takeovers', class: Takeovers20261208 },
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
      discovery: { checkDuplicateTableNames: true },
      logger: () => undefined,
    }),
  );
  void orm.em
    .getConnection()
    .getNativeClient()
    .then((pool) => {
      leaveOldServers(pool);
      shareConnections(pool, POOL_MAX, PUBLIC_SHARE);
    });
  return orm;
}

export type Orm = ReturnType<typeof openOrm>;
