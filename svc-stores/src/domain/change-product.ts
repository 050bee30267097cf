import { isDeepStrictEqual } from 'node:util';
import { DomainError } from '@malla/chassis/errors';
import { newId } from './ids.ts';
import {
  normalized,
  PRODUCT_FIELDS,
  type Product,
  type ProductFields,
  type ProductState,
  type Variant,
  type VariantInput,
} from './product.ts';
import { isOfVersion } from './resource.ts';

/** What changes in a product's variants. */
export interface VariantChanges {
  readonly added: readonly VariantInput[];
  readonly removed: readonly Variant[];
  /** Those that were there and have another SKU now. */
  readonly renamed: readonly Variant[];
}

/** What a product is to become. */
export interface ProductChange {
  readonly changes: Partial<ProductFields>;
  /** Default: it stays what it is. */
  readonly state?: ProductState;
  /** Of the version that the change is meant for, whatever was in stock then; empty for whichever it is. */
  readonly etag: string;
}

/**
 * Changes some fields of a product.
 * @returns undefined when nothing would be different.
 * @throws DomainError `aborted` (ETAG_MISMATCH).
 */
export function changedProduct(
  product: Product,
  { changes, etag, state = product.state }: ProductChange,
  now: Date,
): { product: Product; variants: VariantChanges } | undefined {
  if (etag !== '' && !isOfVersion(etag, product)) {
    throw new DomainError('aborted', 'ETAG_MISMATCH', 'The product has changed since it was read.');
  }
  const given = changes.variants && identified(changes.variants, product.variants);
  const variants = given ?? product.variants;
  const fields = { ...normalized({ ...product, ...changes }), variants };
  if (state === product.state && isDeepStrictEqual(kept(fields), kept(product))) return undefined;
  const next = { ...product, ...fields, state, updateTime: now, version: product.version + 1 };
  return { product: next, variants: variantChanges(product.variants, given ?? []) };
}

function variantChanges(before: readonly Variant[], given: readonly VariantInput[]): VariantChanges {
  const skus = new Map(before.map(({ variantId, sku }) => [variantId, sku]));
  const ids = new Set(given.map(({ variantId }) => variantId));
  return {
    added: given.filter(({ variantId }) => !skus.has(variantId)),
    removed: given.length === 0 ? [] : before.filter(({ variantId }) => !ids.has(variantId)),
    renamed: given.filter(({ variantId, sku }) => skus.has(variantId) && skus.get(variantId) !== sku),
  };
}

/** Gives each variant its id: its own, that of the variant with its SKU, or a new one. */
function identified(given: readonly VariantInput[], known: readonly Variant[]): VariantInput[] {
  const named = new Set(given.map(({ variantId }) => variantId));
  const bySku = new Map(
    known.filter(({ variantId }) => !named.has(variantId)).map((variant) => [variant.sku, variant]),
  );
  return given.map((variant) => ({
    ...variant,
    variantId: variant.variantId || (bySku.get(variant.sku)?.variantId ?? newId.variant()),
  }));
}

/** What of a product a change can make different: not what a variant began with, nor whether it is in stock. */
function kept(fields: ProductFields<Variant>) {
  const variants = fields.variants.map(({ variantId, sku, optionValues, prices, weightGrams }) => {
    return { variantId, sku, optionValues, prices, weightGrams };
  });
  return Object.values(PRODUCT_FIELDS).map((name) => (name === 'variants' ? variants : fields[name]));
}
