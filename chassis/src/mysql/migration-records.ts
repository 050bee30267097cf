import type { ListedMigration } from './migration-list.ts';

export type Execute = <Row extends object>(sql: string, params?: readonly unknown[]) => Promise<Row[]>;

/** One connection to the database, outside of a transaction and inside of one. */
export type Session = {
  readonly execute: Execute;
  atomically(work: (execute: Execute) => Promise<void>): Promise<void>;
};

/** As MikroORM makes it. */
export const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS migrations (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  executed_at DATETIME NULL DEFAULT CURRENT_TIMESTAMP
)`;
const STEPS_TABLE = `CREATE TABLE IF NOT EXISTS migration_steps (
  name VARCHAR(255) NOT NULL,
  step SMALLINT UNSIGNED NOT NULL,
  begin_time DATETIME(3) NOT NULL,
  end_time DATETIME(3) NULL COMMENT 'NULL of a statement that may have taken effect or not',
  PRIMARY KEY (name, step)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin`;
const TABLE_EXISTS =
  'SELECT 1 AS found FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?';

/** Makes the tables of the records where they are missing. @returns the names of the migrations that are complete. */
export async function openRecords(
  { execute }: Session,
  migrations: readonly ListedMigration[],
): Promise<{ completed: ReadonlySet<string> }> {
  const isOld = (await execute(TABLE_EXISTS, ['migrations'])).length > 0;
  await execute(STEPS_TABLE);
  await execute(MIGRATIONS_TABLE);
  const rows = await execute<{ name: string }>('SELECT name FROM migrations');
  const completed = new Set(rows.map(({ name }) => name));
  const next = migrations.find(({ name }) => !completed.has(name));
  if (isOld && next) await doubtStepsOf(execute, next);
  return { completed };
}

/**
 * Versions before this one wrote no records of steps, and may have died in the midst of a migration: in a database without
 * any, all statements of the next migration may have taken effect.
 */
async function doubtStepsOf(execute: Execute, { name, statements }: ListedMigration): Promise<void> {
  const [any] = await execute('SELECT 1 AS found FROM migration_steps LIMIT 1');
  if (any || statements.length === 0) return;
  const rows = statements.map(() => '(?, ?, UTC_TIMESTAMP(3), NULL)').join(', ');
  const params = statements.flatMap((_, step) => [name, step]);
  await execute(`INSERT INTO migration_steps (name, step, begin_time, end_time) VALUES ${rows}`, params);
}
