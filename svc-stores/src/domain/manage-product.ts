import { DomainError } from '@malla/chassis/errors';
import { expandMask, type MaskRules, maskedValues } from '@malla/chassis/field-mask';
import type { Categories } from './category-tree.ts';
import { checkProduct } from './check-product.ts';
import type { Clock } from './clock.ts';
import type { CatalogUpkeep, Staff, Transact } from './ports.ts';
import {
  changedProduct,
  newProduct,
  PRODUCT_FIELDS,
  type Product,
  type ProductFields,
  type ProductState,
  productNotFound,
  type Variant,
  type VariantInput,
} from './product.ts';
import type { ProductQueries } from './read-products.ts';
import { requireRole } from './staff.ts';
import type { StockKeeping } from './stock.ts';

export interface Products {
  /** Finds with its variants and locks, within a transaction. */
  lock(productId: string): Promise<Product | undefined>;
  /** @returns false when a SKU is taken: nothing may be done in the transaction after that. */
  add(products: readonly Product[]): Promise<boolean>;
  /** Writes a locked product, without its variants. */
  save(product: Product): Promise<void>;
  /** Writes the variants of a locked product, of which some are added. @returns false when a SKU is taken. */
  saveVariants(product: Product, added: readonly Variant[]): Promise<boolean>;
  removeVariants(variants: readonly Variant[]): Promise<void>;
  remove(productId: string): Promise<void>;
  /** The products of a store that have variants with some SKUs, by SKU. */
  findBySku(storeId: string, skus: readonly string[]): Promise<Map<string, string>>;
}

export interface ManageProductDeps {
  readonly transact: Transact;
  readonly products: Products;
  readonly productQueries: ProductQueries;
  readonly categories: Categories;
  readonly staff: Staff;
  readonly stockKeeping: StockKeeping;
  readonly catalogUpkeep: CatalogUpkeep;
  readonly clock: Clock;
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
 * Changes the fields of a product that a mask names.
 * @throws DomainError `forbidden`, `invalid`, `not-found`, `aborted` (ETAG_MISMATCH), `already-exists` (SKU_TAKEN),
 *   `precondition` (VARIANT_SOLD).
 */
export async function updateProduct(
  userId: string,
  update: ProductUpdate,
  mask: readonly string[],
  deps: ManageProductDeps,
): Promise<void> {
  requireRole(await deps.staff.roleForProduct(update.productId, userId), 'manager');
  const changes = maskedValues(expandMask(mask, update, MASK), update, MASK);
  await deps.transact(async () => {
    const product = await lockProduct(update.productId, deps.products);
    await applyChanges(product, changes, update.etag, userId, deps);
    await deps.catalogUpkeep.refresh([product.productId]);
  });
}

/** Checks and writes changes of a locked product. The catalogue is left to the caller. */
export async function applyChanges(
  product: Product,
  changes: Partial<ProductFields>,
  etag: string,
  userId: string,
  deps: Pick<ManageProductDeps, 'products' | 'categories' | 'stockKeeping' | 'clock'>,
): Promise<void> {
  const now = deps.clock.now();
  const variantsAsTheyAre = product.variants.map((variant): VariantInput => ({ ...variant, initialStock: 0 }));
  checkProduct({ ...product, variants: variantsAsTheyAre, ...changes }, product.variants);
  const next = changedProduct(product, changes, etag, now);
  await deps.categories.lockUse(product.storeId, [next.product.categoryId]);
  const { added, removed } = next.variants;
  await deps.stockKeeping.close(removed);
  await deps.products.removeVariants(removed);
  await deps.products.save(next.product);
  if (changes.variants && !(await deps.products.saveVariants(next.product, added))) throw skuTaken();
  await deps.stockKeeping.open([{ ...next.product, variants: added }], userId, now);
}

/** Publishes or archives a product; again without effect. @throws DomainError `forbidden` or `not-found`. */
export async function setProductState(
  userId: string,
  productId: string,
  state: Exclude<ProductState, 'draft'>,
  deps: ManageProductDeps,
): Promise<void> {
  requireRole(await deps.staff.roleForProduct(productId, userId), 'manager');
  await deps.transact(async () => {
    const product = await lockProduct(productId, deps.products);
    if (product.state === state) return;
    await deps.products.save({ ...product, state, updateTime: deps.clock.now(), version: product.version + 1 });
    await deps.catalogUpkeep.refresh([productId]);
  });
}

/** Deletes a product that was never sold. @throws DomainError `forbidden`, `not-found` or `precondition` (VARIANT_SOLD). */
export async function deleteProduct(userId: string, productId: string, deps: ManageProductDeps): Promise<void> {
  requireRole(await deps.staff.roleForProduct(productId, userId), 'manager');
  await deps.transact(async () => {
    const product = await lockProduct(productId, deps.products);
    await deps.stockKeeping.close(product.variants);
    await deps.products.removeVariants(product.variants);
    await deps.products.remove(productId);
    await deps.catalogUpkeep.refresh([productId]);
  });
}

async function lockProduct(productId: string, products: Products): Promise<Product> {
  const product = await products.lock(productId);
  if (!product) throw productNotFound();
  return product;
}

export function skuTaken(): DomainError {
  const fields = [{ field: 'product.variants', reason: 'SKU_TAKEN', description: 'have a SKU of another product' }];
  return new DomainError('already-exists', 'SKU_TAKEN', 'A SKU is taken by another product of the store.', { fields });
}
