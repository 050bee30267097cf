import type { ShownProduct } from './product.ts';
import { requireRole, type StaffRole } from './staff.ts';

/** A product as it is exported: with what is on hand of each variant. */
export interface ExportedProduct extends ShownProduct {
  readonly variants: readonly (ShownProduct['variants'][number] & { readonly onHand: number })[];
}

export interface ExportDeps {
  readonly staff: { roleOf(storeId: string, userId: string): Promise<StaffRole | undefined> };
  readonly exportQueries: {
    /** Products of a store in any state, oldest first, from the one after an id on. */
    page(storeId: string, after: string | undefined, limit: number): Promise<ExportedProduct[]>;
  };
}

const BATCH = 200;

/** All products of a store, oldest first. @throws DomainError `forbidden` or `not-found` (STORE_NOT_FOUND). */
export async function* exportProducts(
  userId: string,
  storeId: string,
  { staff, exportQueries }: ExportDeps,
): AsyncGenerator<ExportedProduct> {
  requireRole(await staff.roleOf(storeId, userId), 'manager');
  for (let after: string | undefined; ; ) {
    const products = await exportQueries.page(storeId, after, BATCH);
    yield* products;
    after = products.at(-1)?.productId;
    if (products.length < BATCH) return;
  }
}
