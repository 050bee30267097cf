import type { CatalogQuery, SearchPosition } from '../domain/search.ts';
import { writeId } from './columns.ts';
import { join, type Sql, sql } from './sql.ts';

/** What an order is by: a rank before the id, or the id alone. */
export interface Range {
  readonly rank: Sql | undefined;
  readonly ascending: boolean;
}

export function isByPrice({ order }: CatalogQuery): boolean {
  return order === 'price-up' || order === 'price-down';
}

/** The price of an entry `c` in the currency of the search; NULL without one. */
export function priceOf({ currencyCode }: CatalogQuery): Sql {
  return sql('CAST(JSON_EXTRACT(c.prices, ?) AS SIGNED)', [`$.${currencyCode}.amountMinor`]);
}

/** That a price is within the range of a search. */
export function rangeOf({ priceMinMinor, priceMaxMinor }: CatalogQuery, price: Sql): Sql[] {
  return [
    ...(priceMinMinor === undefined ? [] : [join([price, sql('>= ?', [priceMinMinor])])]),
    ...(priceMaxMinor === undefined ? [] : [join([price, sql('<= ?', [priceMaxMinor])])]),
  ];
}

/** That a row comes after a position. Written out, because MySQL finds no range in a comparison of rows. */
export function startOf(after: SearchPosition, { rank, ascending }: Range, id = 'product_id'): Sql {
  const than = ascending ? '>' : '<';
  const beyond = sql(`${id} ${than} ?`, [writeId('prod', after.productId)]);
  if (!rank) return beyond;
  const value = [BigInt(after.rank)];
  return join([sql('('), rank, sql(`${than} ? OR (`, value), rank, sql('= ? AND', value), beyond, sql('))')]);
}
