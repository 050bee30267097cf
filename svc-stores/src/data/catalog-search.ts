import type { EntryPrice } from '../domain/catalog-entry.ts';
import type { CatalogQueries } from '../domain/search.ts';
import { readId, writeId } from './columns.ts';
import type { Orm } from './orm.ts';
import { searchSql } from './search-sql.ts';
import { createSurvey } from './search-survey.ts';

export const ITEM_COLUMNS = `c.product_id, c.store_id, c.name, c.category_id, c.tags, c.image_url, c.image_alt_text,
  c.currency_code, c.prices, c.in_stock`;
export const FACET_COLUMNS = 'c.category_path, c.tags, c.currency_code, c.prices';

interface ItemRow {
  readonly product_id: Buffer;
  readonly store_id: Buffer;
  readonly name: string;
  readonly category_id: Buffer | null;
  readonly tags: string[];
  readonly image_url: string;
  readonly image_alt_text: string;
  readonly currency_code: string;
  readonly prices: Record<string, EntryPrice>;
  readonly in_stock: number;
  readonly rank: number | string;
}

interface FacetRow {
  readonly category_path: string[];
  readonly tags: string[];
  readonly currency_code: string;
  readonly prices: Record<string, EntryPrice>;
}

/** Searches of the catalogue in MySQL: one round trip each. */
export function createCatalogQueries(orm: Orm): CatalogQueries {
  const { em } = orm;
  return {
    plan: createSurvey(orm),
    search: async (query, plan, limit, after) => {
      const { text, values } = searchSql(query, plan, ITEM_COLUMNS, limit, after);
      return (await em.execute<ItemRow[]>(text, [...values])).map((row) => ({
        productId: readId('prod', row.product_id),
        storeId: readId('store', row.store_id),
        name: row.name,
        categoryId: row.category_id ? readId('cat', row.category_id) : '',
        tags: row.tags,
        imageUrl: row.image_url,
        imageAltText: row.image_alt_text,
        currencyCode: row.currency_code,
        prices: row.prices,
        inStock: row.in_stock === 1,
        rank: String(row.rank),
      }));
    },
    facetSources: async (query, plan, limit) => {
      const { text, values } = searchSql(query, plan, FACET_COLUMNS, limit, undefined);
      return (await em.execute<FacetRow[]>(text, [...values])).map((row) => ({
        categoryPath: row.category_path,
        tags: row.tags,
        currencyCode: row.currency_code,
        prices: row.prices,
      }));
    },
    currencyOf: async (storeId) => {
      const sql = 'SELECT currency_code FROM stores WHERE store_id = ?';
      const [row] = await em.execute<{ currency_code: string }[]>(sql, [writeId('store', storeId)]);
      return row?.currency_code;
    },
  };
}
