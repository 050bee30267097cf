import { setTimeout as sleep } from 'node:timers/promises';
import { retryDeadlocks } from './mysql-contention.ts';

/** One way in which rows of a table end. */
export interface Sweep {
  /** An indexed column, or the expression of a functional index: when what is kept began. Rows where it is NULL stay. */
  readonly since: string;
  /** What `since` holds: a time, or the bytes of a UUIDv7, which begin with one. Default: a time. */
  readonly by?: 'time' | 'uuid7';
  readonly keptMs: number;
  /** A further condition, false for few of the rows that are old enough: those are read again by every round. */
  readonly where?: string;
  /** What is cleared (`SET …`) instead of the row. It must make `since` NULL or `where` false. */
  readonly clear?: string;
  /** The primary key, and the rows of other tables that go first. A row that is old enough gets no new ones. */
  readonly parent?: { readonly key: string; readonly children: readonly { table: string; column: string }[] };
}

/** How long the rows of one table stay. */
export interface TableRetention {
  /** A sentence for operators: for how long, or why for ever. */
  readonly kept: string;
  /** A sentence: what of it is about a person, and when that ends. */
  readonly personal: string;
  readonly sweeps?: readonly Sweep[];
}

/** Every table of a service by its name. */
export type RetentionPlan = Readonly<Record<string, TableRetention>>;

/** Runs statements, each in a transaction of its own. */
export interface SweepDatabase {
  /** @returns the first column of each row. */
  read(sql: string, values: readonly unknown[]): Promise<readonly Buffer[]>;
  /** @returns how many rows were changed. */
  change(sql: string, values: readonly unknown[]): Promise<number>;
}

/** The part of MikroORM's EntityManager that a sweep needs. */
export interface SqlRunner {
  fork(): { execute(sql: string, values: unknown[], method: 'all' | 'run'): Promise<unknown> };
}

/** The database of an EntityManager, of which each statement gets a fork. */
export function sweepDatabase(em: SqlRunner): SweepDatabase {
  return {
    read: async (sql, values) => {
      const rows = (await em.fork().execute(sql, [...values], 'all')) as Record<string, Buffer>[];
      return rows.flatMap((row) => Object.values(row).slice(0, 1));
    },
    change: async (sql, values) => {
      const { affectedRows } = (await em.fork().execute(sql, [...values], 'run')) as { affectedRows: number };
      return affectedRows;
    },
  };
}

export interface SweepOptions {
  readonly database: SweepDatabase;
  readonly clock: { now(): Date };
  /** Ends the work after the statement that runs. */
  readonly signal?: AbortSignal;
  /** How many rows one statement changes at most. Default: 500. */
  readonly rowsMax?: number;
  /** How long others have the database to themselves after a statement that found enough, in milliseconds. Default: 20. */
  readonly pauseMs?: number;
}

const ROWS_MAX = 500;
const PAUSE_MS = 20;
/** More keys in one statement make MySQL read the whole table instead of the index. */
const PARENTS_MAX = 50;

/**
 * Ends what the plan says has had its time, in small statements until nothing is left. Any number of replicas may do so at
 * once. A table that cannot be swept holds up no other.
 * @throws what the first statement that failed has thrown, after all other tables were swept.
 */
export async function sweep(plan: RetentionPlan, options: SweepOptions): Promise<void> {
  const failures: unknown[] = [];
  for (const [table, { sweeps = [] }] of Object.entries(plan)) {
    for (const one of sweeps) {
      await (one.parent ? sweepParents(table, one, options) : sweepRows(table, one, options)).catch(
        (error: unknown) => void failures.push(error),
      );
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** The statements of a plan by their table, with what they take, for tests that look at how MySQL runs them. */
export function sweepStatements(plan: RetentionPlan, now: Date): { table: string; sql: string; values: unknown[] }[] {
  return Object.entries(plan).flatMap(([table, { sweeps = [] }]) =>
    sweeps.flatMap((one) => {
      const values = [boundOf(one, now)];
      if (!one.parent) return [{ table, sql: changeSql(table, one, ROWS_MAX), values }];
      const keys = [Buffer.alloc(16)];
      const children = one.parent.children.map((child) => ({
        ...{ table: child.table, sql: childSql(child, keys, ROWS_MAX), values: keys },
      }));
      return [{ table, sql: parentsSql(table, one, one.parent.key), values }, ...children];
    }),
  );
}

async function sweepRows(table: string, one: Sweep, options: SweepOptions): Promise<void> {
  const { rowsMax = ROWS_MAX, clock } = options;
  await inBatches(changeSql(table, one, rowsMax), [boundOf(one, clock.now())], options);
}

async function sweepParents(table: string, one: Sweep, options: SweepOptions): Promise<void> {
  const { database, clock, signal, rowsMax = ROWS_MAX, pauseMs = PAUSE_MS } = options;
  const { key = '', children = [] } = one.parent ?? {};
  const bound = boundOf(one, clock.now());
  while (!signal?.aborted) {
    const keys = await database.read(parentsSql(table, one, key), [bound]);
    if (keys.length === 0) return;
    for (const child of children) await inBatches(childSql(child, keys, rowsMax), keys, options);
    // Stopped in the middle, a child may be left, and needs its parent to be found by.
    if (signal?.aborted) return;
    const sql = `DELETE FROM ${table} WHERE ${key} IN (${marksOf(keys)})`;
    await retryDeadlocks(() => database.change(sql, keys));
    if (keys.length < PARENTS_MAX) return;
    await sleep(pauseMs);
  }
}

/** Runs a statement until it finds fewer rows than it may change. */
async function inBatches(sql: string, values: readonly unknown[], options: SweepOptions): Promise<void> {
  const { database, signal, rowsMax = ROWS_MAX, pauseMs = PAUSE_MS } = options;
  while (!signal?.aborted && (await retryDeadlocks(() => database.change(sql, values))) >= rowsMax)
    await sleep(pauseMs);
}

function changeSql(table: string, one: Sweep, rowsMax: number): string {
  const verb = one.clear === undefined ? `DELETE FROM ${table}` : `UPDATE ${table} SET ${one.clear}`;
  return `${verb} WHERE ${conditionOf(one)} ORDER BY ${one.since} LIMIT ${rowsMax}`;
}

function parentsSql(table: string, one: Sweep, key: string): string {
  return `SELECT ${key} FROM ${table} WHERE ${conditionOf(one)} ORDER BY ${one.since} LIMIT ${PARENTS_MAX}`;
}

function childSql(child: { table: string; column: string }, keys: readonly Buffer[], rowsMax: number): string {
  return `DELETE FROM ${child.table} WHERE ${child.column} IN (${marksOf(keys)}) LIMIT ${rowsMax}`;
}

function conditionOf({ since, where }: Sweep): string {
  return where === undefined ? `${since} < ?` : `${since} < ? AND (${where})`;
}

function boundOf({ by = 'time', keptMs }: Sweep, now: Date): Date | Buffer {
  const timeMs = now.getTime() - keptMs;
  return by === 'time' ? new Date(timeMs) : firstUuid7(timeMs);
}

/** The bytes that no UUIDv7 of a time or later comes before (RFC 9562, section 5.7). */
function firstUuid7(timeMs: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(Math.max(0, timeMs), 0, 6);
  return bytes;
}

function marksOf(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
