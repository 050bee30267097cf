import { term } from '../domain/catalog-entry.ts';
import type { CatalogQuery, SearchPlan, SearchPosition } from '../domain/search.ts';
import { anywhereOf, inTitleOf, splitQuery } from '../domain/search-text.ts';
import { isByPrice, priceOf, type Range, rangeOf, startOf } from './search-range.ts';
import { windowOf, windowSql } from './search-window.ts';
import { hasText, inTitle, join, type Sql, sql } from './sql.ts';
import { termKey } from './term-key.ts';

/** What comes before all of lower tiers, by its own order. Each is a walk that begins with a window of postings. */
export interface Tier {
  readonly number: number;
  readonly walk: Walk;
}

/** A walk of the postings of one term, `p0`, in which the others are looked up. */
export interface Walk {
  /** The postings it looks at, and no more: as many as `size`, in the order of the search. */
  readonly window: Sql;
  readonly size: number;
  readonly from: Sql;
  readonly conditions: readonly Sql[];
  /** What the order is by before the id; undefined when it is by the id alone. */
  readonly rank: Sql | undefined;
  readonly ascending: boolean;
}

/**
 * Plans a search. It walks the postings of the rarest term in the order of the search, newest or by price, and looks the other
 * terms up in theirs. Relevance is two such walks, one after the other: what has the words in its name and tags, then the rest.
 * By price, what few entries have is put in order by their prices instead. No walk goes beyond its window, whatever it finds.
 */
export function tiersOf(query: CatalogQuery, plan: SearchPlan, after: SearchPosition | undefined): Tier[] {
  const { text } = query;
  const rest = text && splitQuery(text).left;
  const all = { terms: plan.terms, conditions: rest ? hasText(rest) : [] };
  if (!text || !plan.named) return [{ number: 0, walk: walkOf(query, plan, all, after) }];
  const named = [...inTitle(inTitleOf(text)), ...hasText(anywhereOf(text))];
  const others = join([sql('NOT ('), join(inTitle(inTitleOf(text)), ' AND '), sql(')')]);
  const begins = (number: number) => (after?.rank === String(number) ? after : undefined);
  const tiers = [
    { number: 1, walk: walkOf(query, plan, { terms: plan.named, conditions: named }, begins(1)) },
    {
      number: 0,
      walk: walkOf(query, plan, { terms: plan.terms, conditions: [...all.conditions, others] }, begins(0)),
    },
  ];
  return tiers.filter(({ number }) => !after || number <= Number(after.rank));
}

interface Searched {
  readonly terms: readonly string[];
  readonly conditions: readonly Sql[];
}

function walkOf(query: CatalogQuery, plan: SearchPlan, searched: Searched, after?: SearchPosition): Walk {
  if (!isByPrice(query)) return newestWalk(query, searched, after);
  return plan.few ? sortedWalk(query, searched, after) : priceWalk(query, searched, after);
}

/** A walk of the newest. */
function newestWalk(
  query: CatalogQuery,
  { terms, conditions }: Searched,
  after: SearchPosition | undefined,
  sizeMax = Number.POSITIVE_INFINITY,
): Walk {
  const size = Math.min(windowOf(terms.length, conditions), sizeMax);
  const [rarest = term.all] = terms;
  const begins = after ? [startOf(after, { rank: undefined, ascending: false })] : [];
  return {
    window: windowSql('catalog_postings', 'product_id', rarest, begins, 'product_id DESC', size),
    size,
    from: from(terms),
    conditions: [...rangeOf(query, priceOf(query)), ...conditions],
    rank: undefined,
    ascending: false,
  };
}

/** A walk of the postings by price: those of the rarest filter, since texts have none. */
function priceWalk(query: CatalogQuery, { terms, conditions }: Searched, after?: SearchPosition): Walk {
  const priced = terms.filter((one) => !one.startsWith('text:'));
  const [rarest = term.all] = priced;
  const size = windowOf(terms.length, conditions);
  const range: Range = { rank: sql('amount_minor'), ascending: query.order === 'price-up' };
  const begins = [
    sql('currency_code = ?', [query.currencyCode]),
    ...rangeOf(query, sql('amount_minor')),
    ...(after ? [startOf(after, range)] : []),
  ];
  const direction = range.ascending ? '' : ' DESC';
  const order = `amount_minor${direction}, product_id${direction}`;
  return {
    window: windowSql('catalog_prices', 'product_id, amount_minor', rarest, begins, order, size),
    size,
    from: from([rarest, ...terms.filter((one) => one !== rarest)]),
    conditions,
    rank: sql('p0.amount_minor'),
    ascending: range.ascending,
  };
}

/** All that has a term that few have, to be put in order by price. */
function sortedWalk(query: CatalogQuery, { terms, conditions }: Searched, after?: SearchPosition): Walk {
  const [rarest = term.all] = terms;
  const price = priceOf(query);
  const ascending = query.order === 'price-up';
  const begins = after ? [startOf(after, { rank: price, ascending }, 'p0.product_id')] : [];
  return {
    window: windowSql('catalog_postings', 'product_id', rarest, [], 'product_id DESC', SORTED_MAX),
    // Never full: there are fewer.
    size: Number.POSITIVE_INFINITY,
    from: from(terms),
    conditions: [join([price, sql('IS NOT NULL')]), ...rangeOf(query, price), ...begins, ...conditions],
    rank: price,
    ascending,
  };
}

/** More than what counts as few: between a survey and its search some may come. */
const SORTED_MAX = 2_000;

function from(terms: readonly string[]): Sql {
  const others = terms
    .slice(1)
    .map((one, at) =>
      sql(`JOIN catalog_postings p${at + 1} ON p${at + 1}.product_id = p0.product_id AND p${at + 1}.term = ?`, [
        termKey(one),
      ]),
    );
  return join([...others, sql('JOIN catalog c ON c.product_id = p0.product_id')]);
}

/** Each of them is read whole, with its tags and prices: some 20 ms. */
const FACETS_WINDOW_MAX = 400;

/** The newest that facets are counted from: no more than a page looks at. */
export function facetsWalk(query: CatalogQuery, { terms }: SearchPlan): Walk {
  const conditions = query.text ? hasText(splitQuery(query.text).left) : [];
  return newestWalk(query, { terms, conditions }, undefined, FACETS_WINDOW_MAX);
}

/** The newest entries that have a term. */
export function newestOf(searched: string, limit: number): Sql {
  return windowSql('catalog_postings', 'product_id', searched, [], 'product_id DESC', limit);
}

/** Writes what a walk finds. @param table the name of its window. */
export function selectSql(table: string, walk: Walk, query: CatalogQuery, columns: Sql, limit: number): Sql {
  const { rank, ascending, conditions } = walk;
  const filters = [...conditions, ...(query.inStock ? [sql('c.in_stock')] : [])];
  const where = filters.length > 0 ? [sql('WHERE'), join(filters, ' AND ')] : [];
  const direction = ascending ? '' : ' DESC';
  const named = rank && (rank.values.length === 0 ? rank.text : '`rank`');
  const order = sql(`ORDER BY ${named ? `${named}${direction}, ` : ''}p0.product_id${direction} LIMIT ${limit}`);
  const select = join([sql('SELECT /*+ JOIN_FIXED_ORDER() */'), columns, sql(`FROM ${table} p0`), walk.from]);
  return join([select, sql("JOIN stores s ON s.store_id = c.store_id AND s.state = 'open'"), ...where, order]);
}
