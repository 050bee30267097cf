import type { ExportDeps } from '../domain/export-products.ts';
import { marks, writeId } from './columns.ts';
import type { Orm } from './orm.ts';
import { type ProductRow, toProducts, VARIANTS_OF, type VariantRow } from './product-rows.ts';

export const EXPORT_PAGE = `SELECT * FROM products FORCE INDEX (products_store) WHERE store_id = ? AND product_id > ?
  ORDER BY product_id LIMIT ?`;
const FIRST_ID = Buffer.alloc(16);

/** Products as they are exported, in MySQL. */
export function createExportQueries({ em }: Orm): ExportDeps['exportQueries'] {
  return {
    page: async (storeId, after, limit) => {
      const from = after === undefined ? FIRST_ID : writeId('prod', after);
      const rows = await em.execute<ProductRow[]>(EXPORT_PAGE, [writeId('store', storeId), from, limit]);
      if (rows.length === 0) return [];
      const ids = rows.map(({ product_id }) => product_id);
      const sql = `${VARIANTS_OF} WHERE v.product_id IN (${marks(ids)}) ORDER BY v.position`;
      return toProducts(rows, await em.execute<VariantRow[]>(sql, ids));
    },
  };
}
