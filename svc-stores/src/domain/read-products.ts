import { storeNotFound } from './manage-store.ts';
import { type ProductState, productNotFound, type ShownProduct } from './product.ts';
import { PAGE_SIZE_DEFAULT, type Page, toPage } from './resource.ts';
import { requireRole, type StaffRole } from './staff.ts';

/** What a user is for a store, and products of it that this lets the user see. */
export interface Managed {
  readonly role: StaffRole | undefined;
  readonly items: readonly ShownProduct[];
}

export interface ProductQueries {
  /** Those of some products that are published, of stores that are open. In any order. */
  published(productIds: readonly string[]): Promise<ShownProduct[]>;
  /** A product in any state; undefined when there is none. */
  managed(productId: string, userId: string): Promise<Managed | undefined>;
  /** Published products, newest first, that are older than `before`; none of a closed store; undefined without a store. */
  listPublished(storeId: string, limit: number, before: string | undefined): Promise<ShownProduct[] | undefined>;
  /** Products in any state or one, newest first, that are older than `before`; undefined without a store. */
  listManaged(
    storeId: string,
    userId: string,
    state: ProductState | undefined,
    limit: number,
    before: string | undefined,
  ): Promise<Managed | undefined>;
}

export interface ReadProductsDeps {
  readonly productQueries: ProductQueries;
}

/** A page of products to ask for: `pageSize` 0 means 20. */
export interface ProductPageRequest {
  readonly storeId: string;
  readonly pageSize: number;
  readonly before: string | undefined;
}

/** @throws DomainError `not-found` (PRODUCT_NOT_FOUND) for what is not in the catalogue. */
export async function getProduct(productId: string, { productQueries }: ReadProductsDeps): Promise<ShownProduct> {
  const [product] = await productQueries.published([productId]);
  if (!product) throw productNotFound();
  return product;
}

/** Those of some products that are in the catalogue, in the order of the ids. */
export async function batchGetProducts(
  productIds: readonly string[],
  { productQueries }: ReadProductsDeps,
): Promise<ShownProduct[]> {
  const found = await productQueries.published(productIds);
  const byId = new Map(found.map((product) => [product.productId, product]));
  return productIds.map((id) => byId.get(id)).filter((product) => product !== undefined);
}

/** @throws DomainError `not-found` (STORE_NOT_FOUND). */
export async function listProducts(
  { storeId, pageSize, before }: ProductPageRequest,
  { productQueries }: ReadProductsDeps,
): Promise<Page<ShownProduct>> {
  const limit = pageSize || PAGE_SIZE_DEFAULT;
  const found = await productQueries.listPublished(storeId, limit + 1, before);
  if (!found) throw storeNotFound();
  return toPage(found, limit, ({ productId }) => productId);
}

/** A product in any state, for the staff. @throws DomainError `not-found` (PRODUCT_NOT_FOUND) or `forbidden` (ROLE_MISSING). */
export async function getManagedProduct(
  userId: string,
  productId: string,
  { productQueries }: ReadProductsDeps,
): Promise<ShownProduct> {
  const managed = await productQueries.managed(productId, userId);
  if (managed) requireRole(managed.role, 'clerk', productNotFound);
  const product = managed?.items[0];
  if (!product) throw productNotFound();
  return product;
}

/** @throws DomainError `not-found` (STORE_NOT_FOUND) or `forbidden` (ROLE_MISSING). */
export async function listManagedProducts(
  userId: string,
  { storeId, state, pageSize, before }: ProductPageRequest & { readonly state: ProductState | undefined },
  { productQueries }: ReadProductsDeps,
): Promise<Page<ShownProduct>> {
  const limit = pageSize || PAGE_SIZE_DEFAULT;
  const found = await productQueries.listManaged(storeId, userId, state, limit + 1, before);
  if (!found) throw storeNotFound();
  requireRole(found.role, 'clerk');
  return toPage(found.items, limit, ({ productId }) => productId);
}
