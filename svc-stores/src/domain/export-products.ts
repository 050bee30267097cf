import type { CategoryPath } from './category-path.ts';
import { storeNotFound } from './manage-store.ts';
import type { ShownProduct } from './product.ts';
import { requireRole, type StaffRole } from './staff.ts';

/** A product with what is on hand of each variant. */
export interface StockedProduct extends ShownProduct {
  readonly variants: readonly (ShownProduct['variants'][number] & { readonly onHand: number })[];
}

/** A product as it is exported: with the names of its category. */
export interface ExportedProduct extends StockedProduct {
  readonly categoryPath: CategoryPath;
}

export interface ExportDeps {
  readonly exportQueries: {
    /**
     * Products of a store in any state, oldest first, from the one after an id on, and the role of a user there; no products
     * for who has none. Undefined when there is no such store.
     */
    page(
      storeId: string,
      userId: string,
      after: string | undefined,
      limit: number,
    ): Promise<{ readonly role: StaffRole | undefined; readonly items: readonly ExportedProduct[] } | undefined>;
  };
}

const BATCH = 200;

/** All products of a store, oldest first. @throws DomainError `forbidden` or `not-found` (STORE_NOT_FOUND). */
export async function* exportProducts(
  userId: string,
  storeId: string,
  { exportQueries }: ExportDeps,
): AsyncGenerator<ExportedProduct> {
  for (let after: string | undefined; ; ) {
    const page = await exportQueries.page(storeId, userId, after, BATCH);
    if (!page) throw storeNotFound();
    requireRole(page.role, 'manager');
    yield* page.items;
    after = page.items.at(-1)?.productId;
    if (page.items.length < BATCH) return;
  }
}
