import { DEPTH_MAX } from '../domain/category-tree.ts';
import type { ExportDeps } from '../domain/export-products.ts';
import type { StaffRole } from '../domain/staff.ts';
import { writeId } from './columns.ts';
import type { Orm } from './orm.ts';
import { variantsOf } from './product-queries.ts';
import { type ProductRow, toProducts, type VariantRow } from './product-rows.ts';

/** The category of a product is the first one; the one above it the second. Where there are few, MySQL would read them all. */
const LEVELS = Array.from({ length: DEPTH_MAX }, (_, at) => at + 1);
const NAMES = LEVELS.map((level) => `c${level}.name AS name_${level}`).join(', ');
const CATEGORIES = LEVELS.map((level) => {
  const id = level === 1 ? 'p.category_id' : `c${level - 1}.parent_id`;
  return `LEFT JOIN categories c${level} FORCE INDEX (PRIMARY) ON c${level}.category_id = ${id}`;
}).join(' ');
/** One row without a product tells that there is a store and no product. */
const PAGE = `SELECT p.*, m.role, ${NAMES} FROM stores s
  LEFT JOIN staff m ON m.store_id = s.store_id AND m.user_id = ?
  LEFT JOIN (
    SELECT * FROM products FORCE INDEX (products_store) WHERE store_id = ? AND product_id > ? ORDER BY product_id LIMIT ?
  ) p ON m.role IS NOT NULL
  ${CATEGORIES}
  WHERE s.store_id = ? ORDER BY p.product_id`;
const FIRST_ID = Buffer.alloc(16);

type Names = Readonly<Record<`name_${number}`, string | null>>;
type Row = (ProductRow | { readonly product_id: null }) & Names & { readonly role: StaffRole | null };

/** Products as they are exported, in MySQL: two round trips for a page. */
export function createExportQueries({ em }: Orm): ExportDeps['exportQueries'] {
  return {
    page: async (storeId, userId, after, limit) => {
      const id = writeId('store', storeId);
      const from = after === undefined ? FIRST_ID : writeId('prod', after);
      const found = await em.execute<Row[]>(PAGE, [writeId('usr', userId), id, from, limit, id]);
      const [first] = found;
      const rows = found.filter((row) => row.product_id !== null);
      const ids = rows.map(({ product_id }) => product_id);
      const variants = ids.length === 0 ? [] : await em.execute<VariantRow[]>(variantsOf(ids), ids);
      const paths = rows.map(pathOf);
      const items = toProducts(rows, variants).map((product, at) => ({ ...product, categoryPath: paths[at] ?? [] }));
      return first && { role: first.role ?? undefined, items };
    },
  };
}

/** From the top. */
function pathOf(row: Names): string[] {
  return LEVELS.map((level) => row[`name_${level}`])
    .filter((name) => typeof name === 'string')
    .toReversed();
}
