import type { StockedProduct } from '../domain/export-products.ts';
import type { Price } from '../domain/price.ts';
import type { Attribute, Image, Product, ProductState } from '../domain/product.ts';
import { readId, readTime } from './columns.ts';

/** A row of `products`. */
export interface ProductRow {
  readonly product_id: Buffer;
  readonly store_id: Buffer;
  readonly state: ProductState;
  readonly name: string;
  readonly description: string;
  readonly category_id: Buffer | null;
  readonly tags: string[];
  readonly attributes: Attribute[];
  readonly options: string[];
  readonly images: Image[];
  readonly tax_class: string;
  readonly create_time: string;
  readonly update_time: string;
  readonly version: number;
}

/** A row of `variants`, with whether it is in stock. */
export interface VariantRow {
  readonly variant_id: Buffer;
  readonly product_id: Buffer;
  readonly sku: string;
  readonly option_values: string[];
  readonly prices: PriceJson[];
  readonly weight_grams: number;
  readonly in_stock: number;
  readonly on_hand: number;
}

/** A price as it lies in JSON. Amounts are below 2^53 by rule, so that JSON's numbers hold them. */
export interface PriceJson {
  readonly currencyCode: string;
  readonly amountMinor: number;
  readonly compareAtMinor?: number;
  readonly startTime?: string;
  readonly endTime?: string;
}

export const VARIANTS_OF = `SELECT v.variant_id, v.product_id, v.sku, v.option_values, v.prices, v.weight_grams,
  k.on_hand, k.on_hand > k.reserved AS in_stock
  FROM variants v JOIN stock k ON k.variant_id = v.variant_id`;

export function toProducts(rows: readonly ProductRow[], variants: readonly VariantRow[]): StockedProduct[] {
  const byProduct = Map.groupBy(variants, ({ product_id }) => product_id.toString('hex'));
  return rows.map((row) => ({
    ...toProductWithoutVariants(row),
    variants: (byProduct.get(row.product_id.toString('hex')) ?? []).map(toVariant),
  }));
}

function toProductWithoutVariants(row: ProductRow): Omit<Product, 'variants'> {
  return {
    productId: readId('prod', row.product_id),
    storeId: readId('store', row.store_id),
    state: row.state,
    name: row.name,
    description: row.description,
    categoryId: row.category_id ? readId('cat', row.category_id) : '',
    tags: row.tags,
    attributes: row.attributes,
    options: row.options,
    images: row.images,
    taxClass: row.tax_class,
    createTime: readTime(row.create_time),
    updateTime: readTime(row.update_time),
    version: row.version,
  };
}

function toVariant(row: VariantRow): StockedProduct['variants'][number] {
  return {
    variantId: readId('var', row.variant_id),
    sku: row.sku,
    optionValues: row.option_values,
    prices: row.prices.map(readPrice),
    weightGrams: row.weight_grams,
    inStock: row.in_stock === 1,
    onHand: row.on_hand,
  };
}

export function readPrice({ currencyCode, amountMinor, compareAtMinor, startTime, endTime }: PriceJson): Price {
  return {
    currencyCode,
    amountMinor: BigInt(amountMinor),
    compareAtMinor: compareAtMinor === undefined ? undefined : BigInt(compareAtMinor),
    startTime: startTime === undefined ? undefined : new Date(startTime),
    endTime: endTime === undefined ? undefined : new Date(endTime),
  };
}

export function writePrice({ currencyCode, amountMinor, compareAtMinor, startTime, endTime }: Price): PriceJson {
  return {
    currencyCode,
    amountMinor: Number(amountMinor),
    ...(compareAtMinor !== undefined && { compareAtMinor: Number(compareAtMinor) }),
    ...(startTime && { startTime: startTime.toISOString() }),
    ...(endTime && { endTime: endTime.toISOString() }),
  };
}
