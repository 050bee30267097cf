import type { Orm } from '../src/data/orm.ts';

/** What MySQL counts for the whole server. Nobody else may use it meanwhile, or it is counted too. */
const NAMES = ['Questions', 'Com_commit', 'Com_rollback', 'Innodb_os_log_fsyncs', 'Innodb_row_lock_time'] as const;

export type Counters = Readonly<Record<(typeof NAMES)[number], number>>;

export async function readCounters(orm: Orm): Promise<Counters> {
  const sql = `SHOW GLOBAL STATUS WHERE Variable_name IN (${NAMES.map((name) => `'${name}'`).join(', ')})`;
  const rows = await orm.em.fork().execute<{ Variable_name: string; Value: string }[]>(sql);
  return Object.fromEntries(rows.map(({ Variable_name, Value }) => [Variable_name, Number(Value)])) as Counters;
}

/** What was counted between two readings, for each of `count` pieces of work. The later reading itself is left out. */
export function perPiece(before: Counters, after: Counters, count: number): Counters {
  const own = { Questions: 1 } as Partial<Counters>;
  return Object.fromEntries(
    NAMES.map((name) => [name, (after[name] - before[name] - (own[name] ?? 0)) / count]),
  ) as Counters;
}
