import { term } from '../domain/catalog-entry.ts';
import type { CatalogQuery, SearchPosition } from '../domain/search.ts';
import { type TextQuery, toBooleanRuns, toBooleanWords, toNeedles } from '../domain/search-text.ts';
import { writeId } from './columns.ts';
import type { SqlValue } from './insert-many.ts';
import { termKey } from './term-key.ts';

/** SQL with the values for its question marks. */
export interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** Where a search reads from, and in which order. */
interface Source {
  readonly from: Sql;
  readonly conditions: readonly Sql[];
  /** What the order is by before the id; undefined when it is by the id alone. */
  readonly rank: Sql | undefined;
  readonly id: string;
  readonly ascending: boolean;
}

/**
 * Writes a search. Without a text it walks the postings of one term in the order of the search, newest or by price, and looks
 * the other terms up in theirs: every alias has the same order, so that the optimizer may begin with the shortest list and
 * nothing needs sorting. With a text it begins with what the full-text index finds, and sorts that.
 * @param columns of the entry `c`.
 */
export function searchSql(query: CatalogQuery, columns: string, limit: number, after: SearchPosition | undefined): Sql {
  const source = query.text ? textSource(query, query.text) : walkSource(query);
  const { rank, id, ascending } = source;
  const conditions = [...source.conditions, ...filtersOf(query), ...(after ? [startOf(source, after)] : [])];
  const direction = ascending ? '' : ' DESC';
  const select = join([sql(`SELECT /*+ JOIN_SUFFIX(c, s) */ ${columns},`), rank ?? sql('0'), sql('AS `rank`')]);
  const stores = sql("JOIN stores s ON s.store_id = c.store_id AND s.state = 'open'");
  const order = sql(`ORDER BY ${rank ? `${orderName(rank)}${direction}, ` : ''}${id}${direction} LIMIT ${limit}`);
  return join([select, sql('FROM'), source.from, stores, sql('WHERE'), join(conditions, ' AND '), order]);
}

function walkSource(query: CatalogQuery): Source {
  const byPrice = query.order === 'price-up' || query.order === 'price-down';
  const table = byPrice ? 'catalog_prices' : 'catalog_postings';
  const same = byPrice ? ['product_id', 'currency_code', 'amount_minor'] : ['product_id'];
  const others = query.terms.slice(1).map((text, at) => {
    const alias = `p${at + 1}`;
    const on = same.map((column) => `${alias}.${column} = p0.${column}`).join(' AND ');
    return sql(`JOIN ${table} ${alias} ON ${on} AND ${alias}.term = ?`, [termKey(text)]);
  });
  const entry = sql('JOIN catalog c ON c.product_id = p0.product_id');
  const first = sql('p0.term = ?', [termKey(query.terms[0] ?? term.all)]);
  return {
    from: join([sql(`${table} p0`), ...others, entry]),
    conditions: byPrice
      ? [first, sql('p0.currency_code = ?', [query.currencyCode]), ...rangeOf(query, sql('p0.amount_minor'))]
      : [first, ...rangeOf(query, priceOf(query))],
    rank: byPrice ? sql('p0.amount_minor') : undefined,
    id: 'p0.product_id',
    ascending: query.order === 'price-up',
  };
}

function textSource(query: CatalogQuery, text: TextQuery): Source {
  const price = priceOf(query);
  const byPrice = query.order === 'price-up' || query.order === 'price-down';
  const terms = query.terms.filter((one) => one !== term.all);
  const postings = terms.map((one, at) =>
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
    rank: query.order === 'relevance' ? relevanceOf(text) : byPrice ? price : undefined,
    id: 'c.product_id',
    ascending: query.order === 'price-up',
  };
}

/** How many of the words the name has, and the tags: the same for as long as the entry is, and so pages stay in their places. */
function relevanceOf(text: TextQuery): Sql {
  const hits = toNeedles(text).map((needle) =>
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

function sql(text: string, values: readonly SqlValue[] = []): Sql {
  return { text, values };
}

function join(parts: readonly Sql[], separator = ' '): Sql {
  return { text: parts.map(({ text }) => text).join(separator), values: parts.flatMap(({ values }) => values) };
}
