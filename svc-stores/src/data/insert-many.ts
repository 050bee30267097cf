import type { Orm } from './orm.ts';

/** What SQL can be given for a value. */
export type SqlValue = string | number | bigint | boolean | Buffer | Date | null;

const ROWS_MAX = 2_000;
/** Well below what MySQL takes in one packet, which is 64 MiB unless it was told otherwise. */
const BYTES_MAX = 8 * 1024 * 1024;

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
  for (const places of lots(rows, (row) => `(${row.map(literal).join(',')})`)) {
    await em.execute(`${head} VALUES ${places.join(',')} ${tail}`);
  }
}

/** Cuts rows into lots that a statement holds. One that is too large for any comes alone. */
function* lots<Row>(rows: readonly Row[], toText: (row: Row) => string): Generator<string[]> {
  let lot: string[] = [];
  let bytes = 0;
  for (const row of rows) {
    const text = toText(row);
    const size = Buffer.byteLength(text);
    if (lot.length > 0 && (lot.length === ROWS_MAX || bytes + size > BYTES_MAX)) {
      yield lot;
      lot = [];
      bytes = 0;
    }
    lot.push(text);
    bytes += size;
  }
  if (lot.length > 0) yield lot;
}
