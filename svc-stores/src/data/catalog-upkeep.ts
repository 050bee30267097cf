import { type CatalogChangeKind, changesOf, toEntry } from '../domain/catalog-entry.ts';
import type { Clock } from '../domain/clock.ts';
import { newId } from '../domain/ids.ts';
import type { CatalogUpkeep } from '../domain/ports.ts';
import type { ShownProduct } from '../domain/product.ts';
import { type EntryChange, type StoredEntry, writeEntries } from './catalog-entries.ts';
import { marks, readId, writeId } from './columns.ts';
import { insertMany } from './insert-many.ts';
import type { Orm } from './orm.ts';
import { type ProductRow, toProducts, VARIANTS_OF, type VariantRow } from './product-rows.ts';

const LOCK_PRODUCTS = 'SELECT * FROM products WHERE product_id IN';
const LOCK_STORES = 'SELECT store_id, state, currency_code FROM stores WHERE store_id IN';
const STORED = `SELECT product_id, store_id, prices, in_stock, terms, title_terms, content_hash
  FROM catalog WHERE product_id IN`;
const PATHS = (ids: readonly Buffer[]) => `WITH RECURSIVE path AS (
    SELECT category_id AS leaf, category_id, parent_id, 1 AS height FROM categories WHERE category_id IN (${marks(ids)})
    UNION ALL
    SELECT path.leaf, c.category_id, c.parent_id, path.height + 1 FROM path
      JOIN categories c ON c.category_id = path.parent_id
  ) SELECT leaf, category_id FROM path ORDER BY leaf, height`;
const INSERT_CHANGES = 'INSERT INTO catalog_pending_changes (product_id, store_id, kind, change_time)';
const INSERT_SWEEP =
  'INSERT INTO catalog_sweeps (sweep_id, store_id, category_id, after_product_id) VALUES (?, ?, ?, ?)';
const FIRST_ID = Buffer.alloc(16);

interface StoreRow {
  readonly store_id: Buffer;
  readonly state: string;
  readonly currency_code: string;
}

/** Keeps the catalogue true to the products, within the transactions that change them. */
export function createCatalogUpkeep({ em }: Orm, clock: Clock): CatalogUpkeep {
  const rowsOf = <Row>(sql: string, ids: readonly Buffer[], tail = '') =>
    ids.length === 0 ? [] : em.execute<Row[]>(`${sql} (${marks(ids)}) ${tail}`, [...ids]);

  /** The open ones among some stores, which stay so until the transaction ends. */
  const readOpenStores = async (ids: readonly Buffer[]) => {
    const stores = await rowsOf<StoreRow>(LOCK_STORES, distinct(ids), 'ORDER BY store_id FOR SHARE');
    return new Map(stores.filter(({ state }) => state === 'open').map((row) => [readId('store', row.store_id), row]));
  };

  /** The products as they are, of which those are in the catalogue that are published by an open store. */
  const readSources = async (ids: readonly Buffer[]) => {
    const products = await rowsOf<ProductRow>(LOCK_PRODUCTS, ids, 'ORDER BY product_id FOR UPDATE');
    const open = await readOpenStores(products.map(({ store_id }) => store_id));
    const shown = products.filter((row) => row.state === 'published' && open.has(readId('store', row.store_id)));
    const shownIds = shown.map(({ product_id }) => product_id);
    const variants = await rowsOf<VariantRow>(`${VARIANTS_OF} WHERE v.product_id IN`, shownIds, 'ORDER BY v.position');
    return { shown: toProducts(shown, variants), open };
  };

  const readPaths = async (products: readonly ShownProduct[]) => {
    const used = new Set(products.map(({ categoryId }) => categoryId));
    const ids = [...used].filter((id) => id !== '').map((id) => writeId('cat', id));
    type Row = { leaf: Buffer; category_id: Buffer };
    const rows = ids.length === 0 ? [] : await em.execute<Row[]>(PATHS(ids), ids);
    const byLeaf = Map.groupBy(rows, ({ leaf }) => readId('cat', leaf));
    const paths = new Map([...byLeaf].map(([leaf, path]) => [leaf, path.map((row) => readId('cat', row.category_id))]));
    return (categoryId: string) => paths.get(categoryId) ?? [];
  };

  const toEntries = async (shown: readonly ShownProduct[], open: ReadonlyMap<string, StoreRow>, now: Date) => {
    const pathOf = await readPaths(shown);
    return shown.map((product) => {
      const currencyCode = open.get(product.storeId)?.currency_code ?? '';
      return toEntry(product, { currencyCode }, pathOf(product.categoryId), now);
    });
  };

  const write = async (changes: readonly EntryChange[], now: Date) => {
    await writeEntries(em, changes);
    await insertMany(
      em,
      INSERT_CHANGES,
      changes.flatMap((change) => changeValues(change, now)),
    );
  };

  return {
    refresh: async (productIds) => {
      const ids = [...new Set(productIds)].toSorted().map((id) => writeId('prod', id));
      if (ids.length === 0) return;
      const now = clock.now();
      const { shown, open } = await readSources(ids);
      const stored = await rowsOf<StoredEntry>(STORED, ids);
      const before = new Map(stored.map((row) => [readId('prod', row.product_id), row]));
      const after = new Map((await toEntries(shown, open, now)).map((entry) => [entry.productId, entry]));
      const known = [...new Set([...before.keys(), ...after.keys()])];
      const changes = known.map((id): EntryChange => ({ before: before.get(id), after: after.get(id) }));
      await write(changes, now);
    },
    enter: async (products) => {
      const published = products.filter(({ state }) => state === 'published');
      if (published.length === 0) return;
      const now = clock.now();
      const open = await readOpenStores(published.map(({ storeId }) => writeId('store', storeId)));
      const shown = published.filter(({ storeId }) => open.has(storeId));
      const entries = await toEntries(shown, open, now);
      await write(
        entries.map((after) => ({ before: undefined, after })),
        now,
      );
    },
    sweep: async (storeId, categoryId) => {
      const category = categoryId === undefined ? null : writeId('cat', categoryId);
      await em.execute(INSERT_SWEEP, [writeId('sweep', newId.sweep()), writeId('store', storeId), category, FIRST_ID]);
    },
  };
}

function changeValues({ before, after }: EntryChange, now: Date) {
  const state = before && {
    prices: before.prices,
    inStock: before.in_stock === 1,
    contentHash: before.content_hash.toString('hex'),
  };
  const ids = after
    ? [writeId('prod', after.productId), writeId('store', after.storeId)]
    : before
      ? [before.product_id, before.store_id]
      : [];
  return changesOf(state, after).map((kind: CatalogChangeKind) => [...ids, kind, now]);
}

function distinct(ids: readonly Buffer[]): Buffer[] {
  return [...new Map(ids.map((id) => [id.toString('hex'), id])).values()];
}
