import type { Price } from '../../src/domain/price.ts';
import type { ProductFields, VariantInput } from '../../src/domain/product.ts';
import type { DemoStore, Kind, Line } from './demo-store.ts';
import type { Random } from './random.ts';

/** A product with the names of its category. */
export interface DemoProduct {
  readonly category: readonly string[];
  readonly fields: ProductFields;
}

const PRODUCTS_MAX = 100;
const OUT_OF_STOCK = 0.08;
const ON_SALE = 0.2;

/** The products of a demo store: the same in every run. At most 100. */
export function demoProducts(store: DemoStore, random: Random): DemoProduct[] {
  const things = store.lines.flatMap((line) =>
    line.kinds.flatMap((kind) => line.makes.map((make) => ({ line, kind, name: store.title(kind.name, make) }))),
  );
  const kept = things.filter(
    (_, at) =>
      Math.floor((at * PRODUCTS_MAX) / things.length) !== Math.floor(((at - 1) * PRODUCTS_MAX) / things.length),
  );
  return kept.map(({ line, kind, name }, at) => {
    const sku = `${store.skuPrefix}-${String(at + 1).padStart(4, '0')}`;
    return { category: line.category, fields: toProduct(store, { line, kind, name, sku }, random) };
  });
}

interface Thing {
  readonly line: Line;
  readonly kind: Kind;
  readonly name: string;
  readonly sku: string;
}

function toProduct(store: DemoStore, { line, kind, name, sku }: Thing, random: Random): ProductFields {
  const [cheapest, dearest] = kind.priceMinor;
  const amountMinor = store.roundMinor(random.between(cheapest, dearest));
  const price = priceOf(store, amountMinor, random);
  const values = line.option?.values ?? [''];
  const weightGrams = random.between(...kind.weightGrams);
  const capitalized = name.charAt(0).toUpperCase() + name.slice(1);
  return {
    name: capitalized,
    description: line.description,
    categoryId: '',
    tags: line.tags.filter(() => random.chance(0.8)),
    attributes: [{ name: 'material', value: random.pick(kind.materials ?? line.materials) }],
    options: line.option ? [line.option.name] : [],
    variants: values.map(
      (value, at): VariantInput => ({
        variantId: '',
        sku: values.length > 1 ? `${sku}-${at + 1}` : sku,
        optionValues: line.option ? [value] : [],
        prices: [price],
        weightGrams,
        initialStock: random.chance(OUT_OF_STOCK) ? 0 : random.between(1, 60),
      }),
    ),
    images: [{ url: `https://picsum.photos/seed/${sku.toLowerCase()}/800/800`, altText: capitalized }],
    taxClass: 'standard',
  };
}

function priceOf(store: DemoStore, amountMinor: number, random: Random): Price {
  const wasMinor = random.chance(ON_SALE) ? store.roundMinor(amountMinor * 1.25) : undefined;
  return {
    currencyCode: store.currencyCode,
    amountMinor: BigInt(amountMinor),
    compareAtMinor: wasMinor !== undefined && wasMinor > amountMinor ? BigInt(wasMinor) : undefined,
    startTime: undefined,
    endTime: undefined,
  };
}
