import { ImportProductsRequest } from '@malla/proto/malla/stores/v1/imports_service';
import { Product } from '@malla/proto/malla/stores/v1/product';
import { Variant } from '@malla/proto/malla/stores/v1/variant';
import { createRandom, type Random } from '../demo/random.ts';

const WORDS = 5_000;
const TAGS = 200;
const COLOURS = [
  'black',
  'white',
  'red',
  'blue',
  'green',
  'yellow',
  'grey',
  'brown',
  'pink',
  'orange',
  'purple',
  'beige',
];
const SYLLABLES = ['ba', 'ko', 'ri', 'tu', 'me', 'sa', 'lo', 'vi', 'ne', 'pa', 'du', 'ze', 'fi', 'go', 'ra', 'ti'];

/** A word of a made-up language: the same for the same number. The first ones are by far the most frequent (Zipf). */
export function wordAt(number: number): string {
  const digits = (number + SYLLABLES.length ** 2).toString(SYLLABLES.length);
  return [...digits].map((digit) => SYLLABLES[Number.parseInt(digit, SYLLABLES.length)]).join('');
}

/** Which import rows belong to. */
export interface ImportIds {
  readonly storeId: string;
  readonly importId: string;
}

/** Rows of an import: products that differ as those of a large shop do, the same for the same seed. */
export function* syntheticRows(
  ids: ImportIds,
  categoryIds: readonly string[],
  { count, seed }: { readonly count: number; readonly seed: number },
): Generator<ImportProductsRequest> {
  const random = createRandom(seed);
  for (let at = 0; at < count; at += 1) {
    const product = syntheticProduct(`L${seed}-${at}`, categoryIds, random);
    yield ImportProductsRequest.create({ ...ids, product, publish: true });
  }
}

function syntheticProduct(sku: string, categoryIds: readonly string[], random: Random): Product {
  const words = (count: number) => Array.from({ length: count }, () => wordAt(zipf(random, WORDS))).join(' ');
  const prices = [{ amount: { currencyCode: 'EUR', amountMinor: BigInt(random.between(100, 100_000)) } }];
  return Product.create({
    name: words(4),
    description: words(20),
    categoryId: categoryIds.length > 0 ? random.pick(categoryIds) : '',
    tags: [...new Set([`t${zipf(random, TAGS)}`, `t${zipf(random, TAGS)}`])],
    attributes: [{ name: 'colour', value: random.pick(COLOURS) }],
    variants: [Variant.create({ sku, prices, initialStock: random.chance(0.1) ? 0 : 50, weightGrams: 100 })],
    images: [{ url: `https://example.com/${sku}.jpg`, altText: '' }],
  });
}

/** Numbers below `count`, of which each is about as frequent as its place in the row allows. */
function zipf(random: Random, count: number): number {
  return Math.min(count - 1, Math.floor(count ** random.fraction()) - 1);
}
