import { term } from '../domain/catalog-entry.ts';
import type { CatalogQuery, SearchPlan, SearchPosition } from '../domain/search.ts';
import { type TextQuery, toBooleanRuns, toBooleanWords, toTitleQuery } from '../domain/search-text.ts';
import { writeId } from './columns.ts';
import { hasText, inTitle, join, type Sql, sql } from './sql.ts';
import { termKey } from './term-key.ts';

/** Where a search reads from, and in which order. */
export interface Source {
  readonly from: Sql;
  readonly conditions: readonly Sql[];
  /** What the order is by before the id; undefined when it is by the id alone. */
  readonly rank: Sql | undefined;
  readonly id: string;
  readonly ascending: boolean;
}

/** What comes before all of lower tiers, by its own order. */
interface Tier {
  readonly number: number;
  readonly source: Source;
}

/**
 * Writes a search. It walks the postings of the rarest term in the order of the search, newest or by price, and looks the other
 * terms up in theirs: nothing needs sorting. Relevance is two such searches, one after the other: what has the words in its
 * name and tags, then the rest. A text that no posting has is looked for in the entries that the walk comes by, where it is common or
 * these are few; else that search begins with what the full-text index finds, and sorts it.
 * @param columns of the entry `c`.
 */
export function searchSql(
  query: CatalogQuery,
  plan: SearchPlan,
  columns: string,
  limit: number,
  after: SearchPosition | undefined,
): Sql {
  const left = tiersOf(query, plan).filter(
    ({ source, number }) => source.rank || !after || number <= Number(after.rank),
  );
  const parts = left.map((tier) => tierSql(tier, query, columns, limit, after));
  if (parts.length === 1 && parts[0]) return parts[0];
  return join([join(parts.map(bracketed), ' UNION ALL '), sql(`LIMIT ${limit}`)]);
}

/** A search for a text wherever it is. @param atMost how many entries to walk; undefined for all. */
export function anywhere(query: CatalogQuery, plan: SearchPlan, atMost?: number): Source {
  const { text } = query;
  if (text && isRare(plan)) return textSource(query, plan, text);
  return walkSource(query, plan.terms, text ? hasText(text) : [], atMost);
}

/** The newest entries that have a term. */
export function newestOf(searched: string, limit: number): Sql {
  const text = `SELECT product_id, term FROM catalog_postings WHERE term = ? ORDER BY product_id DESC LIMIT ${limit}`;
  return sql(text, [termKey(searched)]);
}

/** Whether the full-text index finds a text sooner than a walk. */
export function isRare({ few, common }: SearchPlan): boolean {
  return !few && !common;
}

export function selectSql({ from, conditions }: Source, query: CatalogQuery, columns: string, tail: string): Sql {
  const filters = query.inStock ? [sql('c.in_stock')] : [];
  const stores = sql("JOIN stores s ON s.store_id = c.store_id AND s.state = 'open'");
  const where = join([...conditions, ...filters], ' AND ');
  return join([sql(`SELECT /*+ JOIN_FIXED_ORDER() */ ${columns} FROM`), from, stores, sql('WHERE'), where, sql(tail)]);
}

function tiersOf(query: CatalogQuery, plan: SearchPlan): Tier[] {
  const { text } = query;
  const named = text && plan.named && toTitleQuery(text);
  const all = anywhere(query, plan);
  if (!named) return [{ number: 0, source: all }];
  const first = walkSource(query, plan.named ?? [], [...inTitle(named.inTitle), ...hasText(named.anywhere)]);
  const rest = join([sql('NOT ('), join(inTitle(named.inTitle), ' AND '), sql(')')]);
  return [
    { number: 1, source: first },
    { number: 0, source: { ...all, conditions: [...all.conditions, rest] } },
  ];
}

function tierSql(
  { number, source }: Tier,
  query: CatalogQuery,
  columns: string,
  limit: number,
  after?: SearchPosition,
) {
  const { rank, id, ascending } = source;
  const begins = after && (rank || number === Number(after.rank)) ? [startOf(source, after)] : [];
  const direction = ascending ? '' : ' DESC';
  const order = `ORDER BY ${rank ? `${orderName(rank)}${direction}, ` : ''}${id}${direction} LIMIT ${limit}`;
  const ranked = join([sql(`${columns},`), rank ?? sql(String(number)), sql('AS `rank`')]);
  const select = selectSql({ ...source, conditions: [...source.conditions, ...begins] }, query, ranked.text, order);
  return { text: select.text, values: [...ranked.values, ...select.values] };
}

function walkSource(
  query: CatalogQuery,
  terms: readonly string[],
  conditions: readonly Sql[],
  atMost?: number,
): Source {
  const { order, currencyCode } = query;
  const [rarest = term.all] = terms;
  const byPrice = isByPrice(query);
  const table = byPrice ? 'catalog_prices' : 'catalog_postings';
  const same = byPrice ? ['product_id', 'currency_code', 'amount_minor'] : ['product_id'];
  const others = terms.slice(1).map((one, at) => {
    const alias = `p${at + 1}`;
    const on = same.map((column) => `${alias}.${column} = p0.${column}`).join(' AND ');
    return sql(`JOIN ${table} ${alias} ON ${on} AND ${alias}.term = ?`, [termKey(one)]);
  });
  const begin = atMost === undefined ? sql(table) : bracketed(newestOf(rarest, atMost));
  const range = byPrice
    ? [sql('p0.currency_code = ?', [currencyCode]), ...rangeOf(query, sql('p0.amount_minor'))]
    : rangeOf(query, priceOf(query));
  return {
    from: join([begin, sql('p0'), ...others, sql('JOIN catalog c ON c.product_id = p0.product_id')]),
    conditions: [sql('p0.term = ?', [termKey(rarest)]), ...range, ...conditions],
    rank: byPrice ? sql('p0.amount_minor') : undefined,
    id: 'p0.product_id',
    ascending: order === 'price-up',
  };
}

function textSource(query: CatalogQuery, plan: SearchPlan, text: TextQuery): Source {
  const price = priceOf(query);
  const byPrice = isByPrice(query);
  const filters = plan.terms.filter((one) => one !== term.all);
  const postings = filters.map((one, at) =>
    sql(`JOIN catalog_postings p${at} ON p${at}.product_id = c.product_id AND p${at}.term = ?`, [termKey(one)]),
  );
  const [words, runs] = [toBooleanWords(text), toBooleanRuns(text)];
  return {
    from: join([sql('catalog c'), ...postings]),
    conditions: [
      ...(words === '' ? [] : [sql('MATCH (c.search_words) AGAINST (? IN BOOLEAN MODE)', [words])]),
      ...(runs === '' ? [] : [sql('MATCH (c.search_ngrams) AGAINST (? IN BOOLEAN MODE)', [runs])]),
      ...(byPrice ? [join([price, sql('IS NOT NULL')])] : []),
      ...rangeOf(query, price),
    ],
    rank: byPrice ? price : undefined,
    id: 'c.product_id',
    ascending: query.order === 'price-up',
  };
}

function isByPrice({ order }: CatalogQuery): boolean {
  return order === 'price-up' || order === 'price-down';
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

function bracketed({ text, values }: Sql): Sql {
  return { text: `(${text})`, values };
}
