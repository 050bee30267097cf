import type { CatalogEntry, EntryPrice } from '../domain/catalog-entry.ts';
import { marks, writeId } from './columns.ts';
import { insertMany, type SqlValue } from './insert-many.ts';
import type { Orm } from './orm.ts';
import { splitTermKeys, termKey } from './term-key.ts';

/** What the catalogue held of a product before. */
export interface StoredEntry {
  readonly product_id: Buffer;
  readonly store_id: Buffer;
  readonly prices: Record<string, EntryPrice>;
  readonly in_stock: number;
  readonly terms: Buffer;
  readonly title_terms: Buffer;
  readonly content_hash: Buffer;
}

/** An entry as it was and as it is to be, either of which may be missing. */
export interface EntryChange {
  readonly before: StoredEntry | undefined;
  readonly after: CatalogEntry | undefined;
}

const COLUMNS = [
  'product_id',
  'store_id',
  'name',
  'category_id',
  'tags',
  'image_url',
  'image_alt_text',
  'currency_code',
  'prices',
  'in_stock',
  'category_path',
  'terms',
  'title_terms',
  'content_hash',
  'next_price_time',
  'title_words',
  'search_words',
  'search_ngrams',
  'text_version',
] as const;
/** Of how texts are folded and cut. Who changes that counts it up: workers make the entries of older versions again. */
export const TEXT_VERSION = 1;
const INSERT = `INSERT INTO catalog (${COLUMNS.join(', ')})`;
/** A price in 20 currencies stands under every term: a product may lose thousands, and a batch a thousand times that. */
const DELETED_AT_ONCE = 5_000;
const OR_UPDATE = `AS fresh ON DUPLICATE KEY UPDATE ${COLUMNS.slice(2)
  .map((column) => `${column} = fresh.${column}`)
  .join(', ')}`;

/** Writes entries with their postings: only those postings are touched that differ. */
export async function writeEntries(em: Orm['em'], changes: readonly EntryChange[]): Promise<void> {
  const gone = changes.flatMap(({ before, after }) => (before && !after ? [before.product_id] : []));
  if (gone.length > 0) await em.execute(`DELETE FROM catalog WHERE product_id IN (${marks(gone)})`, gone);
  const entries = changes.flatMap(({ after }) => (after ? [after] : []));
  await insertMany(em, INSERT, entries.map(entryValues), OR_UPDATE);
  await writeDifference(em, 'catalog_postings', ['term', 'product_id'], changes.map(postingsOf));
  const columns = ['term', 'currency_code', 'amount_minor', 'product_id'];
  await writeDifference(em, 'catalog_prices', columns, changes.map(pricePostingsOf));
}

interface Rows {
  readonly before: SqlValue[][];
  readonly after: SqlValue[][];
}

function postingsOf({ before, after }: EntryChange): Rows {
  return {
    before: before ? keysOf(before.terms, before.title_terms).map((key) => [key, before.product_id]) : [],
    after: after ? [...after.terms, ...after.titleTerms].map((term) => [termKey(term), id(after)]) : [],
  };
}

const keysOf = (...keys: readonly Buffer[]) => keys.flatMap(splitTermKeys);
const id = ({ productId }: CatalogEntry) => writeId('prod', productId);

function pricePostingsOf({ before, after }: EntryChange): Rows {
  const rows = (keys: readonly Buffer[], prices: Readonly<Record<string, EntryPrice>>, productId: Buffer) =>
    keys.flatMap((key) => Object.entries(prices).map(([code, { amountMinor }]) => [key, code, amountMinor, productId]));
  return {
    before: before ? rows(splitTermKeys(before.terms), before.prices, before.product_id) : [],
    after: after ? rows(after.terms.map(termKey), after.prices, id(after)) : [],
  };
}

async function writeDifference(em: Orm['em'], table: string, columns: readonly string[], rows: readonly Rows[]) {
  const dropped = rows.flatMap(({ before, after }) => minus(before, after));
  for (let start = 0; start < dropped.length; start += DELETED_AT_ONCE) {
    const some = dropped.slice(start, start + DELETED_AT_ONCE);
    const places = some.map((row) => `(${marks(row)})`).join(', ');
    await em.execute(`DELETE FROM ${table} WHERE (${columns.join(', ')}) IN (${places})`, some.flat());
  }
  const fresh = rows.flatMap(({ before, after }) => minus(after, before));
  await insertMany(em, `INSERT INTO ${table} (${columns.join(', ')})`, fresh);
}

function minus(rows: readonly SqlValue[][], others: readonly SqlValue[][]): SqlValue[][] {
  if (others.length === 0) return [...rows];
  const keyOf = (row: readonly SqlValue[]) =>
    row.map((value) => (Buffer.isBuffer(value) ? value.toString('hex') : String(value))).join();
  const known = new Set(others.map(keyOf));
  return rows.filter((row) => !known.has(keyOf(row)));
}

function entryValues(entry: CatalogEntry): SqlValue[] {
  return [
    id(entry),
    writeId('store', entry.storeId),
    entry.name,
    entry.categoryId === '' ? null : writeId('cat', entry.categoryId),
    JSON.stringify(entry.tags),
    entry.imageUrl,
    entry.imageAltText,
    entry.currencyCode,
    JSON.stringify(entry.prices),
    entry.inStock,
    JSON.stringify(entry.categoryPath),
    Buffer.concat(entry.terms.map(termKey)),
    Buffer.concat(entry.titleTerms.map(termKey)),
    Buffer.from(entry.contentHash, 'hex'),
    entry.nextPriceTime ?? null,
    entry.titleWords,
    entry.searchWords,
    entry.searchNgrams,
    TEXT_VERSION,
  ];
}
