import { createHash } from 'node:crypto';
import { foldCase } from './fold.ts';
import { currenciesInForce, nextPriceTime, priceInForce } from './price.ts';
import type { ShownProduct } from './product.ts';
import { toParts, toSearchText } from './search-text.ts';

/** The lowest price in force of a product in one currency. */
export interface EntryPrice {
  readonly amountMinor: number;
  readonly compareAtMinor?: number;
}

/** What the catalogue holds of a published product. */
export interface CatalogEntry {
  readonly productId: string;
  readonly storeId: string;
  readonly name: string;
  readonly categoryId: string;
  /** The category and all above it. */
  readonly categoryPath: readonly string[];
  readonly tags: readonly string[];
  readonly imageUrl: string;
  readonly imageAltText: string;
  /** The store's currency. */
  readonly currencyCode: string;
  readonly prices: Readonly<Record<string, EntryPrice>>;
  readonly inStock: boolean;
  /** What it is found by, apart from its text. */
  readonly terms: readonly string[];
  /** What its name and its tags are found by, and what all its texts are. */
  readonly titleTerms: readonly string[];
  /** Differs when anything but price and stock does. */
  readonly contentHash: string;
  /** When another price comes into force. */
  readonly nextPriceTime: Date | undefined;
  readonly titleWords: string;
  readonly searchWords: string;
  readonly searchNgrams: string;
}

export type CatalogChangeKind = 'published' | 'updated' | 'withdrawn' | 'price-changed' | 'in-stock' | 'out-of-stock';

/** What of an entry tells whether it changed. */
export type EntryState = Pick<CatalogEntry, 'prices' | 'inStock' | 'contentHash'>;

/** What an entry can be filtered by, apart from its text. */
export const term = {
  all: 'all',
  store: (storeId: string) => `store:${storeId}`,
  category: (categoryId: string) => `category:${categoryId}`,
  tag: (tag: string) => `tag:${foldCase(tag).trim()}`,
  attribute: (name: string, value: string) =>
    `attribute:${[name, value].map((text) => foldCase(text).trim()).join('=')}`,
  title: (part: string) => `title:${part}`,
  /** A word of any of its texts, or a pair of characters of a script without words. */
  text: (part: string) => `text:${part}`,
} as const;

/** Makes the entry of a published product of an open store. */
export function toEntry(
  product: ShownProduct,
  store: { readonly currencyCode: string },
  categoryPath: readonly string[],
  now: Date,
): CatalogEntry {
  const [image] = product.images;
  const title = toSearchText(product.name, ...product.tags);
  const text = toSearchText(product.name, ...product.tags, product.description);
  return {
    productId: product.productId,
    storeId: product.storeId,
    name: product.name,
    categoryId: product.categoryId,
    categoryPath,
    tags: product.tags,
    imageUrl: image?.url ?? '',
    imageAltText: image?.altText ?? '',
    currencyCode: store.currencyCode,
    prices: lowestPrices(product, now),
    inStock: product.variants.some(({ inStock }) => inStock),
    terms: termsOf(product, categoryPath),
    titleTerms: [
      ...toParts(product.name, ...product.tags).map(term.title),
      ...toParts(product.name, ...product.tags, product.description).map(term.text),
    ],
    contentHash: hashOf(product, categoryPath),
    nextPriceTime: nextPriceTime(
      product.variants.flatMap(({ prices }) => prices),
      now,
    ),
    titleWords: title.words + title.ngrams,
    searchWords: text.words,
    searchNgrams: text.ngrams,
  };
}

/** What happened to an entry, in the order to tell it. */
export function changesOf(before: EntryState | undefined, after: EntryState | undefined): CatalogChangeKind[] {
  if (!before || !after) return before ? ['withdrawn'] : after ? ['published'] : [];
  const kinds: [boolean, CatalogChangeKind][] = [
    [before.contentHash !== after.contentHash, 'updated'],
    [pricesText(before) !== pricesText(after), 'price-changed'],
    [!before.inStock && after.inStock, 'in-stock'],
    [before.inStock && !after.inStock, 'out-of-stock'],
  ];
  return kinds.filter(([happened]) => happened).map(([, kind]) => kind);
}

function lowestPrices({ variants }: ShownProduct, now: Date): Record<string, EntryPrice> {
  const currencies = currenciesInForce(
    variants.flatMap(({ prices }) => prices),
    now,
  );
  const lowest = [...currencies].toSorted().map((currencyCode) => {
    const prices = variants
      .map(({ prices }) => priceInForce(prices, currencyCode, now))
      .filter((price) => price !== undefined);
    const { amountMinor, compareAtMinor } = prices.reduce((a, b) => (b.amountMinor < a.amountMinor ? b : a));
    const compare = compareAtMinor !== undefined && { compareAtMinor: Number(compareAtMinor) };
    return [currencyCode, { amountMinor: Number(amountMinor), ...compare }] as const;
  });
  return Object.fromEntries(lowest);
}

function termsOf({ storeId, tags, attributes }: ShownProduct, categoryPath: readonly string[]): string[] {
  const terms = [
    term.all,
    term.store(storeId),
    ...categoryPath.map(term.category),
    ...tags.map(term.tag),
    ...attributes.map(({ name, value }) => term.attribute(name, value)),
  ];
  return [...new Set(terms)];
}

function hashOf(product: ShownProduct, categoryPath: readonly string[]): string {
  const { name, description, tags, attributes, options, images, taxClass, variants } = product;
  const forms = variants.map(({ variantId, sku, optionValues, weightGrams }) => [
    variantId,
    sku,
    optionValues,
    weightGrams,
  ]);
  const content = [name, description, categoryPath, tags, attributes, options, images, taxClass, forms];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
}

function pricesText({ prices }: EntryState): string {
  const amounts = Object.entries(prices).map(([code, { amountMinor, compareAtMinor }]) => [
    code,
    amountMinor,
    compareAtMinor,
  ]);
  return JSON.stringify(amounts.toSorted());
}
