import type { ShownProduct } from './product.ts';
import type { StaffMember, StaffRole } from './staff.ts';
import type { Store } from './store.ts';

/** Runs `work` in one database transaction, again from the start when the database rolled it back for a deadlock. */
export type Transact = <Result>(work: () => Promise<Result>) => Promise<Result>;

export interface Stores {
  find(storeId: string): Promise<Store | undefined>;
  findBySlug(slug: string): Promise<Store | undefined>;
  /** Finds and locks, within a transaction. */
  lock(storeId: string): Promise<Store | undefined>;
  /** @returns false when the slug is taken. */
  add(store: Store): Promise<boolean>;
  /** Open stores, newest first, that are older than the store `before`. */
  listOpen(limit: number, before: string | undefined): Promise<Store[]>;
  /** The stores that a user works for, newest first, that are older than the store `before`. */
  listOf(userId: string, limit: number, before: string | undefined): Promise<{ store: Store; role: StaffRole }[]>;
}

export interface Staff {
  /** What a user is for a store; undefined for a stranger. @throws DomainError `not-found` (STORE_NOT_FOUND). */
  roleOf(storeId: string, userId: string): Promise<StaffRole | undefined>;
  /** What a user is for the store of a product. @throws DomainError `not-found` (PRODUCT_NOT_FOUND). */
  roleForProduct(productId: string, userId: string): Promise<StaffRole | undefined>;
  list(storeId: string): Promise<StaffMember[]>;
  find(storeId: string, userId: string): Promise<StaffMember | undefined>;
  /** Adds a member, or gives one another role. */
  put(member: StaffMember): Promise<void>;
  remove(storeId: string, userId: string): Promise<void>;
  /** The ids of the stores that a user works for, in the order in which they are locked. */
  storesOf(userId: string): Promise<string[]>;
  /** The ids of the stores that a user owns, oldest first. */
  listOwned(userId: string): Promise<string[]>;
  /** How many stores a user owns, within a transaction: until it ends, nobody else makes that user an owner. */
  lockOwned(userId: string): Promise<number>;
}

/** What is done to the catalogue when something changes that it is made of. Within the transaction of the change. */
export interface CatalogUpkeep {
  /**
   * Makes the entries of some products anew from what the transaction wrote, and logs what changed. Locks the products, then
   * their stores against change.
   */
  refresh(productIds: readonly string[]): Promise<void>;
  /** Does the same for products that the transaction has created, as it knows them: they are not read again. */
  enter(products: readonly ShownProduct[]): Promise<void>;
  /** Has every product of a store made anew soon, or of one category only. */
  sweep(storeId: string, categoryId?: string): Promise<void>;
}
