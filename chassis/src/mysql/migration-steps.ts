import type { ListedMigration } from './migration-list.ts';
import type { Execute, Session } from './migration-records.ts';

/** Statements that change rows, and can therefore be committed together with their record. */
const CHANGES_ROWS = /^\s*(INSERT|UPDATE|DELETE|REPLACE|WITH)\b/i;

/**
 * Error numbers of MySQL by which a statement that changes tables says that it has taken effect before: such a statement
 * takes effect whole or not at all.
 */
const TAKEN_EFFECT: ReadonlySet<unknown> = new Set([
  1050, // the table exists
  1051, // no such table to drop
  1054, // no such column to rename or modify
  1060, // the column exists
  1061, // the key exists
  1068, // the primary key exists
  1091, // no such column or key to drop
  1146, // no such table to rename
  1826, // the foreign key exists
  3822, // the check exists
  3940, // no such constraint to drop
]);

const BEGIN = 'INSERT INTO migration_steps (name, step, begin_time) VALUES (?, ?, UTC_TIMESTAMP(3))';
const END = 'UPDATE migration_steps SET end_time = UTC_TIMESTAMP(3) WHERE name = ? AND step = ?';
const FORGET = 'DELETE FROM migration_steps WHERE name = ? AND step = ? AND end_time IS NULL';

/**
 * Runs those statements of a migration that have no record of their end, then records the migration.
 * @throws Error of the driver when a statement failed: the next run begins with it.
 */
export async function runMigration(session: Session, { name, statements }: ListedMigration): Promise<void> {
  const rows = await session.execute<{ step: number; ended: number }>(
    'SELECT step, end_time IS NOT NULL AS ended FROM migration_steps WHERE name = ?',
    [name],
  );
  const steps = new Map(rows.map(({ step, ended }) => [step, ended === 1]));
  for (const [step, statement] of statements.entries()) {
    const ended = steps.get(step);
    if (ended) continue;
    const begun = ended === false;
    if (CHANGES_ROWS.test(statement)) await changeRows(session, statement, [name, step], begun);
    else await changeTables(session.execute, statement, [name, step], begun);
  }
  await session.execute('INSERT INTO migrations (name) VALUES (?)', [name]);
}

/** The rows and the record are committed together. */
async function changeRows(
  session: Session,
  statement: string,
  key: readonly [string, number],
  begun: boolean,
): Promise<void> {
  await session.atomically(async (execute) => {
    if (!begun) await execute(BEGIN, key);
    await execute(statement);
    await execute(END, key);
  });
}

/**
 * The record of the beginning is committed before the statement. Only where such a record was found may the statement have
 * taken effect before; everywhere else a table that exists already is an error.
 */
async function changeTables(
  execute: Execute,
  statement: string,
  key: readonly [string, number],
  begun: boolean,
): Promise<void> {
  if (!begun) await execute(BEGIN, key);
  try {
    await execute(statement);
  } catch (error) {
    const errno = numberOf(error);
    if (!(begun && TAKEN_EFFECT.has(errno))) {
      // The server's own refusal is an end: nothing took effect. Of a lost connection nobody knows.
      if (typeof errno === 'number' && errno > 0 && !begun) await execute(FORGET, key);
      throw error;
    }
  }
  await execute(END, key);
}

const numberOf = (error: unknown): unknown => (error instanceof Error && 'errno' in error ? error.errno : undefined);
