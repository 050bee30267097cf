import { DomainError } from '@malla/chassis/errors';
import type { Categories } from './category-tree.ts';
import { changedProduct, type ProductChange } from './change-product.ts';
import { checkProduct } from './check-product.ts';
import type { Clock } from './clock.ts';
import type { Product, Variant, VariantInput } from './product.ts';
import type { Products } from './product-port.ts';
import type { StockKeeping } from './stock.ts';

export interface ApplyChangesDeps {
  readonly products: Products;
  readonly categories: Categories;
  readonly stockKeeping: StockKeeping;
  readonly clock: Clock;
}

/**
 * Checks and writes changes of a locked product. The catalogue is left to the caller.
 * @returns whether anything is different now.
 * @throws DomainError `invalid` (PRODUCT_INVALID), `not-found`, `aborted` (ETAG_MISMATCH), `already-exists` (SKU_TAKEN) or
 *   `precondition` (VARIANT_SOLD).
 */
export async function applyChanges(
  product: Product,
  change: ProductChange,
  userId: string,
  deps: ApplyChangesDeps,
): Promise<boolean> {
  const now = deps.clock.now();
  const variantsAsTheyAre = product.variants.map((variant): VariantInput => ({ ...variant, initialStock: 0 }));
  // What is kept was checked when it came, and tags once by a rule that took longer ones.
  const asItIs = { ...product, variants: variantsAsTheyAre, tags: [] };
  checkProduct({ ...asItIs, ...change.changes }, product.variants);
  const next = changedProduct(product, change, now);
  if (!next) return false;
  await deps.categories.lockUse(product.storeId, [next.product.categoryId]);
  const { added, removed, renamed } = next.variants;
  await removeVariants(removed, 'product.variants', deps);
  await deps.products.save(next.product);
  if (change.changes.variants && !(await deps.products.saveVariants(next.product, { added, renamed })))
    throw skuTaken();
  await deps.stockKeeping.open([{ ...next.product, variants: added }], userId, now);
  return true;
}

/**
 * Deletes variants with their stock.
 * @param field by which the client said so.
 * @throws DomainError `precondition` (VARIANT_SOLD) naming each that was sold or is reserved.
 */
export async function removeVariants(
  variants: readonly Variant[],
  field: string,
  { stockKeeping, products }: Pick<ApplyChangesDeps, 'stockKeeping' | 'products'>,
): Promise<void> {
  const sold = new Set(await stockKeeping.close(variants.map(({ variantId }) => variantId)));
  if (sold.size === 0) return products.removeVariants(variants);
  const fields = variants
    .filter(({ variantId }) => sold.has(variantId))
    .map(({ sku }) => ({ field, reason: 'VARIANT_SOLD', description: `would delete ${sku}, sold or reserved before` }));
  throw new DomainError('precondition', 'VARIANT_SOLD', 'It was sold or is reserved, and so cannot be deleted.', {
    fields,
  });
}

export function skuTaken(): DomainError {
  const fields = [{ field: 'product.variants', reason: 'SKU_TAKEN', description: 'have a SKU of another product' }];
  return new DomainError('already-exists', 'SKU_TAKEN', 'A SKU is taken by another product of the store.', { fields });
}
