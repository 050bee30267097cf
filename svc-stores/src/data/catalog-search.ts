import type { EntryPrice } from '../domain/catalog-entry.ts';
import { FACETS_COUNTED_MAX, type FacetSources } from '../domain/facets.ts';
import type { CatalogQueries, CatalogQuery, Found, FoundItem, SearchPage, SearchPlan } from '../domain/search.ts';
import { readId } from './columns.ts';
import type { Orm } from './orm.ts';
import { facetsWalk, selectSql, type Tier, tiersOf, type Walk } from './search-sql.ts';
import { createSurvey } from './search-survey.ts';
import { join, type Sql, sql } from './sql.ts';

export const ITEM_COLUMNS = `c.product_id, c.store_id, c.name, c.category_id, c.image_url, c.image_alt_text, c.in_stock,
  c.tags, c.currency_code, c.prices`;
const NO_ITEM = 'NULL, NULL, NULL, NULL, NULL, NULL, NULL';
const NOTHING_ELSE = 'NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL';

interface Row {
  readonly kind: 'item' | 'end' | 'facets' | 'looked-at';
  readonly tier: number;
  /** How many postings a walk came by. */
  readonly examined: number | null;
  readonly product_id: Buffer | null;
  readonly rank: number | string | null;
}

interface ItemRow extends Row {
  readonly kind: 'item';
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
}

interface FacetRow extends Row {
  readonly kind: 'facets';
  readonly tags: string[];
  readonly currency_code: string;
  readonly prices: Record<string, EntryPrice>;
  readonly category_path: string[];
}

/** Searches of the catalogue in MySQL: one round trip each, facets and all. */
export function createCatalogQueries(orm: Orm): CatalogQueries {
  return {
    plan: createSurvey(orm),
    search: async (query, plan, page) => {
      const tiers = tiersOf(query, plan, page.after);
      const { text, values } = pageSql(query, plan, page);
      const rows = await orm.em.execute<(Row | ItemRow | FacetRow)[]>(text, [...values]);
      return { ...readTiers(tiers, rows, page.limit), facets: toFacetSources(query, plan, rows) };
    },
  };
}

/** A page of a search, up to where each of its walks looked, and what its facets are counted from. */
export function pageSql(query: CatalogQuery, plan: SearchPlan, { limit, after, facets }: SearchPage): Sql {
  const tiers = tiersOf(query, plan, after);
  const facet = facets ? facetsWalk(query, plan) : undefined;
  const windows = [
    ...tiers.map(({ number, walk }) => join([sql(`w${number} AS (`), walk.window, sql(')')])),
    ...(facet ? [join([sql('wf AS ('), facet.window, sql(')')])] : []),
  ];
  const selects = [
    ...tiers.map((tier) => itemsSql(tier, query, limit)),
    ...tiers.filter(({ walk }) => Number.isFinite(walk.size)).map(endSql),
    ...(facet
      ? [facetsSql(facet, query), sql(`SELECT 'looked-at', 0, COUNT(*), NULL, ${NOTHING_ELSE}, NULL, NULL FROM wf`)]
      : []),
  ];
  return join([sql('WITH'), join(windows, ', '), join(selects, ' UNION ALL ')]);
}

function itemsSql({ number, walk }: Tier, query: CatalogQuery, limit: number): Sql {
  const columns = join([sql(`${ITEM_COLUMNS},`), walk.rank ?? sql(String(number)), sql('AS `rank`')]);
  const items = selectSql(`w${number}`, walk, query, columns, limit);
  const kind = `SELECT 'item' AS kind, ${number} AS tier, NULL AS examined, i.*, NULL AS category_path FROM (`;
  return join([sql(kind), items, sql(') i')]);
}

/** How much of its window a walk has, and the last of it. */
function endSql({ number, walk: { rank, ascending } }: Tier): Sql {
  const backwards = ascending ? ' DESC' : '';
  const order = `ORDER BY ${rank ? `amount_minor${backwards}, ` : ''}product_id${backwards} LIMIT 1`;
  const last = `SELECT product_id, ${rank ? 'amount_minor' : number} AS \`rank\` FROM w${number} ${order}`;
  return sql(`SELECT 'end', ${number}, (SELECT COUNT(*) FROM w${number}), e.product_id, ${NOTHING_ELSE}, e.\`rank\`, NULL
    FROM (${last}) e`);
}

function facetsSql(walk: Walk, query: CatalogQuery): Sql {
  const found = selectSql(
    'wf',
    walk,
    query,
    sql('c.tags, c.currency_code, c.prices, c.category_path'),
    FACETS_COUNTED_MAX + 1,
  );
  return join([
    sql(`SELECT 'facets', 0, NULL, ${NO_ITEM}, f.tags, f.currency_code, f.prices, NULL, f.category_path FROM (`),
    found,
    sql(') f'),
  ]);
}

/** The items in their order, up to the first walk whose window ended before a page was full. */
function readTiers(tiers: readonly Tier[], rows: readonly Row[], limit: number): Pick<Found, 'items' | 'end'> {
  const items: FoundItem[] = [];
  for (const { number, walk } of tiers) {
    const own = rows.filter(({ tier }) => tier === number);
    items.push(...own.filter((row): row is ItemRow => row.kind === 'item').map(toItem));
    if (items.length >= limit) break;
    const end = own.find(({ kind }) => kind === 'end');
    if (end?.product_id && Number(end.examined) >= walk.size) {
      return { items, end: { rank: String(end.rank), productId: readId('prod', end.product_id) } };
    }
  }
  return { items, end: undefined };
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

function toFacetSources(query: CatalogQuery, plan: SearchPlan, rows: readonly Row[]): FacetSources {
  const sources = rows
    .filter((row): row is FacetRow => row.kind === 'facets')
    .map(({ tags, currency_code, prices, category_path }) => {
      return { categoryPath: category_path, tags, currencyCode: currency_code, prices };
    });
  const examined = Number(rows.find(({ kind }) => kind === 'looked-at')?.examined ?? 0);
  return { sources, whole: examined < facetsWalk(query, plan).size };
}
