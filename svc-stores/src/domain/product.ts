import { DomainError } from '@malla/chassis/errors';
import { foldCase } from './fold.ts';
import { newId } from './ids.ts';
import type { Price } from './price.ts';

export type ProductState = 'draft' | 'published' | 'archived';

export interface Attribute {
  readonly name: string;
  readonly value: string;
}

export interface Image {
  readonly url: string;
  readonly altText: string;
}

/** One form of a product that can be bought. */
export interface Variant {
  readonly variantId: string;
  readonly sku: string;
  readonly optionValues: readonly string[];
  readonly prices: readonly Price[];
  readonly weightGrams: number;
}

/** A variant as a client sends it: without an id it is new, unless its SKU is that of one there is. */
export interface VariantInput extends Variant {
  /** What is on hand when it is created. */
  readonly initialStock: number;
}

/** What a manager may change of a product at will. */
export interface ProductFields<V extends Variant = VariantInput> {
  readonly name: string;
  readonly description: string;
  /** Empty for none. */
  readonly categoryId: string;
  readonly tags: readonly string[];
  readonly attributes: readonly Attribute[];
  readonly options: readonly string[];
  readonly variants: readonly V[];
  readonly images: readonly Image[];
  readonly taxClass: string;
}

/** The names of these fields as a client writes them, which are the proto's. */
export const PRODUCT_FIELDS = {
  name: 'name',
  description: 'description',
  category_id: 'categoryId',
  tags: 'tags',
  attributes: 'attributes',
  options: 'options',
  variants: 'variants',
  images: 'images',
  tax_class: 'taxClass',
} as const satisfies Record<string, keyof ProductFields>;

/** Something that a store sells. */
export interface Product extends ProductFields<Variant> {
  readonly productId: string;
  readonly storeId: string;
  readonly state: ProductState;
  readonly createTime: Date;
  readonly updateTime: Date;
  /** Grows with each change. */
  readonly version: number;
}

/** A product as it is shown: with whether each variant is in stock. */
export interface ShownProduct extends Product {
  readonly variants: readonly (Variant & { readonly inStock: boolean })[];
}

/** A product that has just been made, with the stock that it begins with. */
export interface NewProduct extends Product {
  readonly variants: readonly VariantInput[];
}

const TAX_CLASS_DEFAULT = 'standard';

/** Makes a draft. The fields have been checked. */
export function newProduct(storeId: string, fields: ProductFields, now: Date): NewProduct {
  const variants = fields.variants.map((variant) => ({ ...variant, variantId: newId.variant() }));
  return {
    ...normalized(fields),
    variants,
    productId: newId.product(),
    storeId,
    state: 'draft',
    createTime: now,
    updateTime: now,
    version: 1,
  };
}

/** A tag as it is kept. */
export function normalizedTag(tag: string): string {
  return tag.normalize('NFC').trim().toLowerCase();
}

/** The fields of a product alone, as they are kept. */
export function normalized<V extends Variant>(fields: ProductFields<V>): ProductFields<V> {
  const tags = [
    ...new Map(fields.tags.toReversed().map((tag) => [foldCase(tag).trim(), normalizedTag(tag)])).values(),
  ].toReversed();
  const names = Object.values(PRODUCT_FIELDS);
  const own = Object.fromEntries(names.map((name) => [name, fields[name]])) as unknown as ProductFields<V>;
  return { ...own, tags: tags.filter((tag) => tag !== ''), taxClass: fields.taxClass || TAX_CLASS_DEFAULT };
}

/** A refusal that does not tell drafts from what is not there. */
export function productNotFound(): DomainError {
  return new DomainError('not-found', 'PRODUCT_NOT_FOUND', 'There is no such product.');
}
