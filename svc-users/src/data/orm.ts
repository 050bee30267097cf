import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, MikroORM } from '@mikro-orm/mysql';
import { Users20261124 } from './migrations/2026-11-24-users.ts';
import { refreshTokenSchema, sessionSchema, signingKeySchema, userSchema } from './schema.ts';

const POOL_MAX = 10;

/** Opens the service's database. No connection is made before the first query. */
export function openOrm(databaseUrl: string) {
  return new MikroORM(
    defineConfig({
      clientUrl: databaseUrl,
      entities: [userSchema, sessionSchema, refreshTokenSchema, signingKeySchema],
      extensions: [Migrator],
      migrations: {
        tableName: 'migrations',
        snapshot: false,
        migrationsList: [{ name: '2026-11-24-users', class: Users20261124 }],
      },
      timezone: 'Z',
      pool: { min: 0, max: POOL_MAX },
      discovery: { checkDuplicateTableNames: true },
      logger: () => undefined,
    }),
  );
}

export type Orm = ReturnType<typeof openOrm>;
