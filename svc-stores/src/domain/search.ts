import type { DomainError } from '@malla/chassis/errors';
import { type CatalogEntry, term } from './catalog-entry.ts';
import { countFacets, type FacetSources, type Facets } from './facets.ts';
import { invalid, PAGE_SIZE_DEFAULT } from './resource.ts';
import { asksForNothing, parseTextQuery, splitQuery, type TextQuery } from './search-text.ts';

export type SearchOrder = 'relevance' | 'newest' | 'price-up' | 'price-down';

/** What to look for. */
export interface Search {
  readonly query: string;
  /** Empty for all; as are the other texts. */
  readonly storeId: string;
  readonly categoryId: string;
  readonly currencyCode: string;
  readonly priceMinMinor: bigint | undefined;
  readonly priceMaxMinor: bigint | undefined;
  readonly inStock: boolean;
  readonly tags: readonly string[];
  /** Each as `name=value`. */
  readonly attributes: readonly string[];
  readonly order: SearchOrder | undefined;
}

/** Where a page begins: after the entry with this rank (its relevance, or its price) and this id. */
export interface SearchPosition {
  readonly rank: string;
  readonly productId: string;
}

export type FoundItem = Pick<
  CatalogEntry,
  | 'productId'
  | 'storeId'
  | 'name'
  | 'categoryId'
  | 'tags'
  | 'imageUrl'
  | 'imageAltText'
  | 'currencyCode'
  | 'prices'
  | 'inStock'
> & { readonly rank: string };

/** A search as the catalogue's indexes know it. */
export interface CatalogQuery {
  readonly text: TextQuery | undefined;
  /** At least one; parts of the text are none of them. */
  readonly terms: readonly string[];
  readonly currencyCode: string;
  readonly priceMinMinor: bigint | undefined;
  readonly priceMaxMinor: bigint | undefined;
  readonly inStock: boolean;
  readonly order: SearchOrder;
}

/** How to go about a search. */
export interface SearchPlan {
  /** What is filtered by, parts of the text among it, the rarest first. */
  readonly terms: readonly string[];
  /** Whether the first of them is rare enough for all entries that have it to be put in order by their price. */
  readonly few: boolean;
  /** The filters and the parts of names and tags that relevance begins with, the rarest first; undefined where it has none. */
  readonly named: readonly string[] | undefined;
}

export interface CatalogQueries {
  /** @param currencyOf the store whose currency is asked for; empty for none. */
  plan(
    query: CatalogQuery,
    currencyOf: string,
  ): Promise<{ readonly plan: SearchPlan; readonly currencyCode: string | undefined }>;
  /** Searches, and reads what facets are counted from where these are asked for. */
  search(query: CatalogQuery, plan: SearchPlan, page: SearchPage): Promise<Found>;
}

/** Which of what is found. */
export interface SearchPage {
  readonly limit: number;
  readonly after: SearchPosition | undefined;
  readonly facets: boolean;
}

export interface Found {
  readonly items: readonly FoundItem[];
  /** Up to where was looked: undefined when all was, or there are as many items as asked for. */
  readonly end: SearchPosition | undefined;
  readonly facets: FacetSources;
}

export interface SearchResult {
  readonly items: readonly FoundItem[];
  readonly next: SearchPosition | undefined;
  /** Whether the page has fewer items than asked for since no more entries may be looked at for one. */
  readonly incomplete: boolean;
  readonly facets: Facets | undefined;
  /** The currency that prices are in; empty for each store's own. */
  readonly currencyCode: string;
}

/**
 * Searches the catalogue. `pageSize` 0 means 20. What one page looks at is bounded: one that comes to the bound says so, and the
 * next goes on from there.
 * @throws DomainError `invalid` (CURRENCY_MISSING, PRICE_RANGE_INVALID).
 */
export async function searchProducts(
  search: Search,
  page: { readonly pageSize: number; readonly after: SearchPosition | undefined; readonly facets: boolean },
  { catalogQueries }: { readonly catalogQueries: CatalogQueries },
): Promise<SearchResult> {
  checkRange(search);
  const limit = page.pageSize || PAGE_SIZE_DEFAULT;
  const nothing = parseTextQuery(search.query);
  if (nothing && asksForNothing(nothing)) return nothingFound(search, page.facets);
  const { query, plan } = await prepare(search, catalogQueries);
  const found = await catalogQueries.search(query, plan, { ...page, limit: limit + 1 });
  const items = found.items.slice(0, limit);
  const last = items.at(-1);
  const isFull = found.items.length > limit && last !== undefined;
  return {
    items,
    next: isFull ? { rank: last.rank, productId: last.productId } : found.end,
    incomplete: !isFull && found.end !== undefined,
    facets: page.facets ? countFacets(found.facets, query.currencyCode) : undefined,
    currencyCode: query.currencyCode,
  };
}

function nothingFound({ currencyCode }: Search, facets: boolean): SearchResult {
  const none = facets ? countFacets({ sources: [], whole: true }, currencyCode) : undefined;
  return { items: [], next: undefined, incomplete: false, facets: none, currencyCode };
}

/** What of a text has postings, as terms. */
export function textTermsOf(text: TextQuery | undefined, of: (part: string) => string): string[] {
  return text ? splitQuery(text).parts.map(of) : [];
}

async function prepare(search: Search, catalogQueries: CatalogQueries) {
  const query = toCatalogQuery(search);
  const needsCurrency =
    search.priceMinMinor !== undefined || search.priceMaxMinor !== undefined || query.order.startsWith('price');
  const asks = needsCurrency && search.currencyCode === '';
  if (asks && search.storeId === '') throw currencyMissing();
  const { plan, currencyCode } = await catalogQueries.plan(query, asks ? search.storeId : '');
  if (!asks) return { query, plan };
  if (currencyCode === undefined) throw currencyMissing();
  return { query: { ...query, currencyCode }, plan };
}

function toCatalogQuery(search: Search): CatalogQuery {
  const text = parseTextQuery(search.query);
  const order = search.order ?? 'relevance';
  return {
    text,
    terms: termsOf(search),
    currencyCode: search.currencyCode,
    priceMinMinor: search.priceMinMinor,
    priceMaxMinor: search.priceMaxMinor,
    inStock: search.inStock,
    order: order === 'relevance' && !text ? 'newest' : order,
  };
}

/** The most telling one first. */
function termsOf({ storeId, categoryId, tags, attributes }: Search): string[] {
  const terms = [
    ...(categoryId === '' ? [] : [term.category(categoryId)]),
    ...attributes.map(attributeTerm),
    ...tags.map(term.tag),
    ...(storeId === '' ? [] : [term.store(storeId)]),
  ];
  return terms.length > 0 ? [...new Set(terms)] : [term.all];
}

function attributeTerm(attribute: string): string {
  const at = attribute.indexOf('=');
  return term.attribute(attribute.slice(0, at), attribute.slice(at + 1));
}

function currencyMissing(): DomainError {
  const description = 'is required with a price range or an order by price';
  const fields = [{ field: 'currency_code', reason: 'CURRENCY_MISSING', description }];
  return invalid('CURRENCY_MISSING', 'Prices are compared in one currency.', fields);
}

function checkRange({ priceMinMinor, priceMaxMinor }: Search): void {
  if (priceMinMinor === undefined || priceMaxMinor === undefined || priceMinMinor <= priceMaxMinor) return;
  const fields = [{ field: 'price_max_minor', reason: 'PRICE_RANGE_INVALID', description: 'is below the least price' }];
  throw invalid('PRICE_RANGE_INVALID', 'The range of prices holds nothing.', fields);
}
