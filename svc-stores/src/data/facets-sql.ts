import { term } from '../domain/catalog-entry.ts';
import { FACETS_COUNTED_MAX, FACETS_LOOKED_AT_MAX } from '../domain/facets.ts';
import type { CatalogQuery, SearchPlan } from '../domain/search.ts';
import { anywhere, isRare, newestOf, selectSql } from './search-sql.ts';
import { join, type Sql, sql } from './sql.ts';

export const FACET_COLUMNS = 'c.tags, c.currency_code, c.prices, c.category_path';

/**
 * Writes what facets are counted from: as many of what a search finds as are counted and one more, and in every row how many
 * entries there were to look at. One row with nothing else when nothing is found.
 */
export function facetsSql(search: CatalogQuery, plan: SearchPlan): Sql {
  const query = { ...search, order: 'newest' } as const;
  const found = (atMost?: number) =>
    selectSql(anywhere(query, plan, atMost), query, FACET_COLUMNS, `LIMIT ${FACETS_COUNTED_MAX + 1}`);
  const besides = (candidates: Sql, facets: Sql) =>
    join([sql('SELECT f.*, k.candidates FROM ('), candidates, sql(') k LEFT JOIN ('), facets, sql(') f ON TRUE')]);
  if (query.text && isRare(plan)) return besides(sql('SELECT 0 AS candidates'), found());
  const there = newestOf(plan.terms[0] ?? term.all, FACETS_LOOKED_AT_MAX + 1);
  const candidates = join([sql('SELECT COUNT(*) AS candidates FROM ('), there, sql(') there')]);
  return besides(candidates, found(FACETS_LOOKED_AT_MAX));
}
