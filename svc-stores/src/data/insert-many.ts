import type { Orm } from './orm.ts';

/** What SQL can be given for a value. */
export type SqlValue = string | number | bigint | boolean | Buffer | Date | null;

const ROWS_MAX = 2_000;

/**
 * Inserts rows with as few statements as there need be; none for no rows. The statement is written here, values and all:
 * question marks that are looked for and replaced one by one are what a large import would spend its time on.
 * @param head `INSERT INTO table (columns)`.
 */
export async function insertMany(
  em: Orm['em'],
  head: string,
  rows: readonly (readonly SqlValue[])[],
  tail = '',
): Promise<void> {
  const platform = em.getPlatform();
  const literal = (value: SqlValue): string => {
    if (Buffer.isBuffer(value)) return `x'${value.toString('hex')}'`;
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
    return value === null ? 'NULL' : platform.quoteValue(value);
  };
  for (let start = 0; start < rows.length; start += ROWS_MAX) {
    const places = rows.slice(start, start + ROWS_MAX).map((row) => `(${row.map(literal).join(',')})`);
    await em.execute(`${head} VALUES ${places.join(',')} ${tail}`);
  }
}
