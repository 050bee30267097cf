import type { ProductQueries } from '../domain/read-products.ts';
import type { StaffRole } from '../domain/staff.ts';
import { marks, writeId } from './columns.ts';
import type { Orm } from './orm.ts';
import { type ProductRow, toProducts, VARIANTS_OF, type VariantRow } from './product-rows.ts';

const PUBLISHED = (ids: readonly Buffer[]) => `SELECT p.* FROM products p JOIN stores s ON s.store_id = p.store_id
  WHERE p.product_id IN (${marks(ids)}) AND p.state = 'published' AND s.state = 'open'`;
const MANAGED = `SELECT p.*, m.role FROM products p
  LEFT JOIN staff m ON m.store_id = p.store_id AND m.user_id = ?
  WHERE p.product_id = ?`;
/** One row without a product tells that there is a store and no product. */
const LIST_PUBLISHED = `SELECT p.* FROM stores s LEFT JOIN (
    SELECT * FROM products FORCE INDEX (products_store_state) WHERE store_id = ? AND state = 'published' AND product_id < ?
    ORDER BY product_id DESC LIMIT ?
  ) p ON s.state = 'open'
  WHERE s.store_id = ? ORDER BY p.product_id DESC`;
const listManaged = (state: string | undefined) => `SELECT p.*, m.role FROM stores s
  LEFT JOIN staff m ON m.store_id = s.store_id AND m.user_id = ?
  LEFT JOIN (
    SELECT * FROM products FORCE INDEX (${state === undefined ? 'products_store' : 'products_store_state'})
    WHERE store_id = ? ${state === undefined ? '' : 'AND state = ?'} AND product_id < ?
    ORDER BY product_id DESC LIMIT ?
  ) p ON m.role IS NOT NULL
  WHERE s.store_id = ? ORDER BY p.product_id DESC`;
export const variantsOf = (ids: readonly Buffer[]) =>
  `${VARIANTS_OF} WHERE v.product_id IN (${marks(ids)}) ORDER BY v.product_id, v.position`;

/** Above every id. */
const LAST_ID = Buffer.alloc(16, 0xff);

type Managed = ProductRow & { readonly role: StaffRole | null };
type Optional<Row> = Row | { readonly product_id: null };

/** Products as they are shown, in two round trips: the products, then all their variants. */
export function createProductQueries({ em }: Orm): ProductQueries {
  const withVariants = async (rows: readonly Optional<ProductRow>[]) => {
    const found = rows.filter((row) => row.product_id !== null);
    if (found.length === 0) return [];
    const ids = found.map(({ product_id }) => product_id);
    return toProducts(found, await em.execute<VariantRow[]>(variantsOf(ids), ids));
  };
  const from = (before: string | undefined) => (before === undefined ? LAST_ID : writeId('prod', before));
  return {
    published: async (productIds) => {
      const ids = productIds.map((id) => writeId('prod', id));
      return withVariants(await em.execute<ProductRow[]>(PUBLISHED(ids), ids));
    },
    managed: async (productId, userId) => {
      const [row] = await em.execute<Managed[]>(MANAGED, [writeId('usr', userId), writeId('prod', productId)]);
      if (!row) return undefined;
      const role = row.role ?? undefined;
      return { role, items: role === undefined ? [] : await withVariants([row]) };
    },
    listPublished: async (storeId, limit, before) => {
      const id = writeId('store', storeId);
      const rows = await em.execute<Optional<ProductRow>[]>(LIST_PUBLISHED, [id, from(before), limit, id]);
      return rows.length === 0 ? undefined : withVariants(rows);
    },
    listManaged: async (storeId, userId, state, limit, before) => {
      const id = writeId('store', storeId);
      const filter = state === undefined ? [id, from(before)] : [id, state, from(before)];
      const parameters = [writeId('usr', userId), ...filter, limit, id];
      const rows = await em.execute<Optional<Managed>[]>(listManaged(state), parameters);
      const [first] = rows as (Managed | undefined)[];
      return first && { role: first.role ?? undefined, items: await withVariants(rows) };
    },
  };
}
