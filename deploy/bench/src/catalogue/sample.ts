import { SearchOrder } from '@malla/proto/malla/stores/v1/catalog';
import { SearchProductsRequest } from '@malla/proto/malla/stores/v1/search';
import type { Clients } from './instance.ts';

const DRAWS = 40;
const PAGE = 100;
const DETAILED = 300;
/** Prices of the loader's products lie between these. */
const [CHEAPEST, DEAREST] = [100, 100_000];
const COMMON_WORDS = 20;
const DEEP_PAGE = 5_000;
const PAGE_SIZE = 20;

/** What a catalogue holds, drawn at random: whatever is asked for later is something that is there. */
export interface Sample {
  readonly productIds: readonly string[];
  readonly variantIds: readonly string[];
  readonly storeIds: readonly string[];
  readonly categoryIds: readonly string[];
  readonly tags: readonly string[];
  /** As `name=value`. */
  readonly attributes: readonly string[];
  readonly words: readonly string[];
  /** The most frequent ones of names. */
  readonly commonWords: readonly string[];
  /** Where page 5,000 of all that is in stock begins; empty where there are fewer pages. */
  readonly deepToken: string;
}

/** Draws from a catalogue, over its whole range of prices. */
export async function drawSample({ catalog }: Clients): Promise<Sample> {
  const items = [];
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const priceMinMinor = BigInt(Math.floor(CHEAPEST + Math.random() * (DEAREST - CHEAPEST)));
    const search = { currencyCode: 'EUR', priceMinMinor, order: SearchOrder.PRICE_UP, pageSize: PAGE };
    items.push(...(await catalog.searchProducts(SearchProductsRequest.create(search))).items);
  }
  const productIds = [...new Set(items.map(({ productId }) => productId))];
  const products = [];
  for (let at = 0; at < Math.min(DETAILED, productIds.length); at += PAGE)
    products.push(...(await catalog.batchGetProducts({ productIds: productIds.slice(at, at + PAGE) })).products);
  const words = items.flatMap(({ name }) => name.split(' '));
  return {
    productIds,
    variantIds: products.flatMap(({ variants }) =>
      variants.filter(({ inStock }) => inStock).map((one) => one.variantId),
    ),
    storeIds: [...new Set(items.map(({ storeId }) => storeId))],
    categoryIds: items.map(({ categoryId }) => categoryId),
    tags: items.flatMap(({ tags }) => tags),
    attributes: products.flatMap(({ attributes }) => attributes.map(({ name, value }) => `${name}=${value}`)),
    words,
    commonWords: mostFrequent(words, COMMON_WORDS),
    deepToken: await walk(catalog),
  };
}

async function walk(catalog: Clients['catalog']): Promise<string> {
  let pageToken = '';
  for (let at = 0; at < (DEEP_PAGE - 1) * PAGE_SIZE; at += PAGE) {
    const search = SearchProductsRequest.create({ inStock: true, pageSize: PAGE, pageToken });
    pageToken = (await catalog.searchProducts(search)).nextPageToken;
    if (pageToken === '') return '';
  }
  return pageToken;
}

function mostFrequent(words: readonly string[], count: number): string[] {
  const counts = [...Map.groupBy(words, (word) => word)].map(([word, found]) => ({ word, times: found.length }));
  return counts
    .toSorted((a, b) => b.times - a.times)
    .slice(0, count)
    .map(({ word }) => word);
}
