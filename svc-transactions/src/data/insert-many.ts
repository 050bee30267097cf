import type { Orm } from './orm.ts';

/** What SQL can be given for a value. */
export type SqlValue = string | number | bigint | boolean | Buffer | Date | null;

const ROWS_MAX = 2_000;

/** Inserts rows with as few statements as there need be; none for no rows. @param head `INSERT INTO table (columns)`. */
export async function insertMany(
  em: Orm['em'],
  head: string,
  rows: readonly (readonly SqlValue[])[],
  tail = '',
): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_MAX) {
    const chunk = rows.slice(start, start + ROWS_MAX);
    const places = chunk.map((row) => `(${row.map(() => '?').join(',')})`).join(',');
    await em.execute(`${head} VALUES ${places} ${tail}`, chunk.flat());
  }
}
