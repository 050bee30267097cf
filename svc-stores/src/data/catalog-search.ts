import type { EntryPrice } from '../domain/catalog-entry.ts';
import type { FacetSources } from '../domain/facets.ts';
import type { CatalogQueries, CatalogQuery, FoundItem, SearchPage, SearchPlan } from '../domain/search.ts';
import { readId } from './columns.ts';
import { facetsSql } from './facets-sql.ts';
import type { Orm } from './orm.ts';
import { searchSql } from './search-sql.ts';
import { createSurvey } from './search-survey.ts';
import { join, type Sql, sql } from './sql.ts';

export const ITEM_COLUMNS = `c.product_id, c.store_id, c.name, c.category_id, c.image_url, c.image_alt_text, c.in_stock,
  c.tags, c.currency_code, c.prices`;
const NO_ITEM = 'NULL, NULL, NULL, NULL, NULL, NULL, NULL';

interface ItemRow {
  readonly product_id: Buffer;
  readonly store_id: Buffer;
  readonly name: string;
  readonly category_id: Buffer | null;
  readonly image_url: string;
  readonly image_alt_text: string;
  readonly in_stock: number;
  readonly tags: string[];
  readonly currency_code: string;
  readonly prices: Record<string, EntryPrice>;
  readonly rank: number | string;
}

interface FacetRow {
  readonly product_id: null;
  readonly tags: string[] | null;
  readonly currency_code: string;
  readonly prices: Record<string, EntryPrice>;
  readonly category_path: string[];
  /** How many entries there were to look at. */
  readonly rank: number | string;
}

/** Searches of the catalogue in MySQL: one round trip each, facets and all. */
export function createCatalogQueries(orm: Orm): CatalogQueries {
  return {
    plan: createSurvey(orm),
    search: async (query, plan, page) => {
      const { text, values } = pageSql(query, plan, page);
      const rows = await orm.em.execute<(ItemRow | FacetRow)[]>(text, [...values]);
      return {
        items: rows.filter((row) => row.product_id !== null).map(toItem),
        facets: toFacetSources(rows.filter((row) => row.product_id === null)),
      };
    },
  };
}

/** A page of a search, and below it what its facets are counted from. */
export function pageSql(query: CatalogQuery, plan: SearchPlan, { limit, after, facets }: SearchPage): Sql {
  const items = searchSql(query, plan, ITEM_COLUMNS, limit, after);
  if (!facets) return items;
  return join([
    sql('SELECT i.*, NULL AS category_path FROM ('),
    items,
    sql(`) i UNION ALL SELECT ${NO_ITEM}, f.tags, f.currency_code, f.prices, f.candidates, f.category_path FROM (`),
    facetsSql(query, plan),
    sql(') f'),
  ]);
}

function toItem(row: ItemRow): FoundItem {
  return {
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
  };
}

function toFacetSources(rows: readonly FacetRow[]): FacetSources {
  const sources = rows.flatMap(({ tags, currency_code, prices, category_path }) =>
    tags === null ? [] : [{ categoryPath: category_path, tags, currencyCode: currency_code, prices }],
  );
  return { sources, candidates: Number(rows[0]?.rank ?? 0) };
}
