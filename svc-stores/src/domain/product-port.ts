import type { VariantChanges } from './change-product.ts';
import type { Product, Variant } from './product.ts';

export interface Products {
  /** Finds with its variants and locks, within a transaction. */
  lock(productId: string): Promise<Product | undefined>;
  /** @returns false when a SKU is taken: nothing may be done in the transaction after that. */
  add(products: readonly Product[]): Promise<boolean>;
  /** Writes a locked product, without its variants. */
  save(product: Product): Promise<void>;
  /** Writes the variants of a locked product, which may swap SKUs. @returns false when a SKU is taken by another product. */
  saveVariants(product: Product, changes: Pick<VariantChanges, 'added' | 'renamed'>): Promise<boolean>;
  removeVariants(variants: readonly Variant[]): Promise<void>;
  remove(productId: string): Promise<void>;
  /** The products of a store that have variants with some SKUs, by SKU. */
  findBySku(storeId: string, skus: readonly string[]): Promise<Map<string, string>>;
}
