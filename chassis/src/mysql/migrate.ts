import type { MikroORM } from '@mikro-orm/mysql';
import { listMigrations } from './migration-list.ts';
import { openRecords, type Session } from './migration-records.ts';
import { runMigration } from './migration-steps.ts';
import { answeredWithin } from './mysql-silence.ts';

/** Named for the database, since one server may have several, as in tests; a lock's name has 64 characters at the most. */
const LOCK_NAME = "CONCAT('malla-migrations-', LEFT(SHA2(DATABASE(), 256), 32))";
const LOCK_TIMEOUT_S = 120;

/**
 * Brings the database's tables up to date by the `migrationsList` of the ORM's configuration. MySQL commits each statement
 * that changes a table by itself, so each statement of a migration is a step with a record of its own: a job that is killed
 * at any moment is continued by the next one, at the statement that it had reached.
 *
 * A named lock lets one job at a time do so; the others wait, and find it done. The session that runs the statements holds
 * the lock: a statement that outlives its killed job keeps the next job waiting.
 * @returns the names of the migrations that this job completed.
 * @throws Error when the lock was not to be had for two minutes, when a migration does more than add statements, or when a
 * statement failed.
 */
export function migrate(orm: MikroORM): Promise<string[]> {
  return answeredWithin(Number.POSITIVE_INFINITY, () => migrateAlone(orm));
}

async function migrateAlone(orm: MikroORM): Promise<string[]> {
  const connection = orm.em.getConnection();
  await connection.connect();
  return await connection
    .getClient()
    .connection()
    .execute(async (pinned) => {
      const session: Session = {
        execute: (sql, params = []) => connection.execute(sql, params, 'all', pinned),
        atomically: (work) =>
          pinned
            .transaction()
            .execute((own) => work((sql, params = []) => connection.execute(sql, params, 'all', own))),
      };
      const [row] = await session.execute<{ got: number }>(`SELECT GET_LOCK(${LOCK_NAME}, ?) AS got`, [LOCK_TIMEOUT_S]);
      if (row?.got !== 1) throw new Error('another migration holds the lock');
      try {
        return await migrateLocked(orm, session);
      } finally {
        // A session that has ended holds no lock, and why it ended is thrown already.
        await session.execute(`DO RELEASE_LOCK(${LOCK_NAME})`).catch(() => undefined);
      }
    });
}

async function migrateLocked(orm: MikroORM, session: Session): Promise<string[]> {
  const migrations = await listMigrations(orm);
  const records = await openRecords(session, migrations);
  const pending = migrations.filter(({ name }) => !records.completed.has(name));
  for (const migration of pending) await runMigration(session, migration);
  return pending.map(({ name }) => name);
}
