import { join, type Sql, sql } from './sql.ts';
import { termKey } from './term-key.ts';

/** What a page may cost: some 20 ms, at 3 µs a look-up. */
const COST_MAX = 6_000;
/** What an entry costs by itself: the entry and its store. */
const ENTRY_COST = 3;
/** What it costs to look for a piece of text in an entry's text. */
const NEEDLE_COST = 2;

/**
 * How many postings one walk may look at: fewer where each has to be looked up among more terms, or its text is read.
 * @param conditions that are checked of each entry.
 */
export function windowOf(termCount: number, conditions: readonly Sql[]): number {
  const needles = conditions.reduce((count, { values }) => count + values.length, 0);
  return Math.floor(COST_MAX / (ENTRY_COST + termCount + NEEDLE_COST * needles));
}

/** Postings of a term in an order: `term = …` and what else is said, read from one index and no further than `limit`. */
export function windowSql(
  table: 'catalog_postings' | 'catalog_prices',
  columns: string,
  searched: string,
  conditions: readonly Sql[],
  order: string,
  limit: number,
): Sql {
  const where = join([sql('term = ?', [termKey(searched)]), ...conditions], ' AND ');
  return join([sql(`SELECT ${columns} FROM ${table} WHERE`), where, sql(`ORDER BY ${order} LIMIT ${limit}`)]);
}
