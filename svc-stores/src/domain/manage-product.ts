import { expandMask, type MaskRules, maskedValues } from '@malla/chassis/field-mask';
import { type ApplyChangesDeps, applyChanges, removeVariants, skuTaken } from './apply-changes.ts';
import { checkProduct } from './check-product.ts';
import type { CatalogUpkeep, Staff, Transact } from './ports.ts';
import {
  newProduct,
  PRODUCT_FIELDS,
  type Product,
  type ProductFields,
  type ProductState,
  productNotFound,
} from './product.ts';
import type { Products } from './product-port.ts';
import type { ProductQueries } from './read-products.ts';
import { requireRole } from './staff.ts';

export interface ManageProductDeps extends ApplyChangesDeps {
  readonly transact: Transact;
  readonly productQueries: ProductQueries;
  readonly staff: Staff;
  readonly catalogUpkeep: CatalogUpkeep;
}

/** What a client sends of a product, with the etag that it expects. */
export type ProductUpdate = ProductFields & { readonly productId: string; readonly etag: string };

const MASK: MaskRules<ProductFields> = {
  fields: PRODUCT_FIELDS,
  outputOnly: new Set(['product_id', 'store_id', 'state', 'create_time', 'update_time', 'etag']),
  immutable: new Set(),
};

/**
 * Creates a draft with the stock it starts with.
 * @returns its id.
 * @throws DomainError `forbidden`, `invalid` (PRODUCT_INVALID), `already-exists` (SKU_TAKEN), `not-found`.
 */
export async function createProduct(
  userId: string,
  storeId: string,
  fields: ProductFields,
  deps: ManageProductDeps,
): Promise<string> {
  requireRole(await deps.staff.roleOf(storeId, userId), 'manager');
  checkProduct(fields);
  return deps.transact(async () => {
    const now = deps.clock.now();
    const product = newProduct(storeId, fields, now);
    await deps.categories.lockUse(storeId, [product.categoryId]);
    if (!(await deps.products.add([product]))) throw skuTaken();
    await deps.stockKeeping.open([product], userId, now);
    return product.productId;
  });
}

/**
 * Changes the fields of a product that a mask names; without effect when they are so already.
 * @throws DomainError `forbidden`, `invalid`, `not-found`, `aborted` (ETAG_MISMATCH), `already-exists` (SKU_TAKEN),
 *   `precondition` (VARIANT_SOLD).
 */
export async function updateProduct(
  userId: string,
  update: ProductUpdate,
  mask: readonly string[],
  deps: ManageProductDeps,
): Promise<void> {
  requireRole(await deps.staff.roleForProduct(update.productId, userId), 'manager', productNotFound);
  const changes = maskedValues(expandMask(mask, update, MASK), update, MASK);
  await deps.transact(async () => {
    const product = await lockProduct(update.productId, deps.products);
    const changed = await applyChanges(product, { changes, etag: update.etag }, userId, deps);
    if (changed) await deps.catalogUpkeep.refresh([product.productId]);
  });
}

/** Publishes or archives a product; again without effect. @throws DomainError `forbidden` or `not-found`. */
export async function setProductState(
  userId: string,
  productId: string,
  state: Exclude<ProductState, 'draft'>,
  deps: ManageProductDeps,
): Promise<void> {
  requireRole(await deps.staff.roleForProduct(productId, userId), 'manager', productNotFound);
  await deps.transact(async () => {
    const product = await lockProduct(productId, deps.products);
    if (product.state === state) return;
    await deps.products.save({ ...product, state, updateTime: deps.clock.now(), version: product.version + 1 });
    await deps.catalogUpkeep.refresh([productId]);
  });
}

/** Deletes a product that was never sold. @throws DomainError `forbidden`, `not-found` or `precondition` (VARIANT_SOLD). */
export async function deleteProduct(userId: string, productId: string, deps: ManageProductDeps): Promise<void> {
  requireRole(await deps.staff.roleForProduct(productId, userId), 'manager', productNotFound);
  await deps.transact(async () => {
    const product = await lockProduct(productId, deps.products);
    await removeVariants(product.variants, 'product_id', deps);
    await deps.products.remove(productId);
    await deps.catalogUpkeep.refresh([productId]);
  });
}

async function lockProduct(productId: string, products: Products): Promise<Product> {
  const product = await products.lock(productId);
  if (!product) throw productNotFound();
  return product;
}
