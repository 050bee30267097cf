import { term } from '../domain/catalog-entry.ts';
import type { CatalogQuery, SearchPlan, SearchPosition } from '../domain/search.ts';
import { type TextQuery, toBooleanRuns, toBooleanWords, toNeedles } from '../domain/search-text.ts';
import { writeId } from './columns.ts';
import { hasText, join, type Sql, sql } from './sql.ts';
import { termKey } from './term-key.ts';

/** Where a search reads from, and in which order. */
interface Source {
  /** The table to begin with. */
  readonly first: string;
  readonly from: Sql;
  readonly conditions: readonly Sql[];
  /** What the order is by before the id; undefined when it is by the id alone. */
  readonly rank: Sql | undefined;
  readonly id: string;
  readonly ascending: boolean;
}

/**
 * Writes a search. It walks the postings of the rarest term in the order of the search, newest or by price, and looks the other
 * terms up in theirs: nothing needs sorting. A text is looked for in the entries it comes by, where it is common or these are
 * few; else the search begins with what the full-text index finds, and sorts that.
 * @param columns of the entry `c`.
 */
export function searchSql(
  query: CatalogQuery,
  plan: SearchPlan,
  columns: string,
  limit: number,
  after: SearchPosition | undefined,
): Sql {
  const { text } = query;
  const source = text && !plan.few && !plan.common ? textSource(query, plan, text) : walkSource(query, plan);
  const { rank, id, ascending } = source;
  const conditions = [...source.conditions, ...filtersOf(query), ...(after ? [startOf(source, after)] : [])];
  const direction = ascending ? '' : ' DESC';
  const hints = `/*+ JOIN_PREFIX(${source.first}) JOIN_SUFFIX(c, s) */`;
  const select = join([
    sql(`SELECT ${source.first === 'c' ? '' : hints} ${columns},`),
    rank ?? sql('0'),
    sql('AS `rank`'),
  ]);
  const stores = sql("JOIN stores s ON s.store_id = c.store_id AND s.state = 'open'");
  const order = sql(`ORDER BY ${rank ? `${orderName(rank)}${direction}, ` : ''}${id}${direction} LIMIT ${limit}`);
  return join([select, sql('FROM'), source.from, stores, sql('WHERE'), join(conditions, ' AND '), order]);
}

function walkSource(query: CatalogQuery, { terms }: SearchPlan): Source {
  const { text, order, currencyCode } = query;
  const byPrice = isByPrice(query);
  const table = byPrice ? 'catalog_prices' : 'catalog_postings';
  const same = byPrice ? ['product_id', 'currency_code', 'amount_minor'] : ['product_id'];
  const others = terms.slice(1).map((one, at) => {
    const alias = `p${at + 1}`;
    const on = same.map((column) => `${alias}.${column} = p0.${column}`).join(' AND ');
    return sql(`JOIN ${table} ${alias} ON ${on} AND ${alias}.term = ?`, [termKey(one)]);
  });
  const first = sql('p0.term = ?', [termKey(terms[0] ?? term.all)]);
  const range = byPrice
    ? [sql('p0.currency_code = ?', [currencyCode]), ...rangeOf(query, sql('p0.amount_minor'))]
    : rangeOf(query, priceOf(query));
  const byRelevance = text && order === 'relevance';
  return {
    first: 'p0',
    from: join([sql(`${table} p0`), ...others, sql('JOIN catalog c ON c.product_id = p0.product_id')]),
    conditions: [first, ...range, ...(text ? [hasText(text)] : [])],
    rank: byRelevance ? relevanceOf(text) : byPrice ? sql('p0.amount_minor') : undefined,
    id: 'p0.product_id',
    ascending: order === 'price-up',
  };
}

function textSource(query: CatalogQuery, plan: SearchPlan, text: TextQuery): Source {
  const price = priceOf(query);
  const byPrice = isByPrice(query);
  const postings = plan.terms
    .filter((one) => one !== term.all)
    .map((one, at) => {
      return sql(`STRAIGHT_JOIN catalog_postings p${at} ON p${at}.product_id = c.product_id AND p${at}.term = ?`, [
        termKey(one),
      ]);
    });
  const [words, runs] = [toBooleanWords(text), toBooleanRuns(text)];
  return {
    first: 'c',
    from: join([sql('catalog c'), ...postings]),
    conditions: [
      ...(words === '' ? [] : [sql('MATCH (c.search_words) AGAINST (? IN BOOLEAN MODE)', [words])]),
      ...(runs === '' ? [] : [sql('MATCH (c.search_ngrams) AGAINST (? IN BOOLEAN MODE)', [runs])]),
      ...(byPrice ? [join([price, sql('IS NOT NULL')])] : []),
      ...rangeOf(query, price),
    ],
    rank: query.order === 'relevance' ? relevanceOf(text) : byPrice ? price : undefined,
    id: 'c.product_id',
    ascending: query.order === 'price-up',
  };
}

function isByPrice({ order }: CatalogQuery): boolean {
  return order === 'price-up' || order === 'price-down';
}

/** How many of the words the name has, and the tags: the same for as long as the entry is, and so pages stay in their places. */
function relevanceOf(text: TextQuery): Sql {
  const { words, runs } = toNeedles(text);
  const hits = [...words, ...runs].map((needle) =>
    sql('2 * (INSTR(c.name_words, ?) > 0) + (INSTR(c.tag_words, ?) > 0)', [needle, needle]),
  );
  return join([sql('('), join(hits, ' + '), sql(')')]);
}

function priceOf({ currencyCode }: CatalogQuery): Sql {
  return sql('CAST(JSON_EXTRACT(c.prices, ?) AS SIGNED)', [`$.${currencyCode}.amountMinor`]);
}

function rangeOf({ priceMinMinor, priceMaxMinor }: CatalogQuery, price: Sql): Sql[] {
  return [
    ...(priceMinMinor === undefined ? [] : [join([price, sql('>= ?', [priceMinMinor])])]),
    ...(priceMaxMinor === undefined ? [] : [join([price, sql('<= ?', [priceMaxMinor])])]),
  ];
}

function filtersOf({ inStock }: CatalogQuery): Sql[] {
  return inStock ? [sql('c.in_stock')] : [];
}

/** Written out, because MySQL finds no range in a comparison of rows. */
function startOf({ rank, id, ascending }: Source, after: SearchPosition): Sql {
  const than = ascending ? '>' : '<';
  const beyond = sql(`${id} ${than} ?`, [writeId('prod', after.productId)]);
  if (!rank) return beyond;
  const value = [BigInt(after.rank)];
  return join([sql('('), rank, sql(`${than} ? OR (`, value), rank, sql('= ? AND', value), beyond, sql('))')]);
}

/** A column may be named itself, so that its index gives the order. */
function orderName(rank: Sql): string {
  return rank.values.length === 0 ? rank.text : '`rank`';
}
