import { DomainError } from '@malla/chassis/errors';
import { expandMask, type MaskRules, maskedValues } from '@malla/chassis/field-mask';
import type { Clock } from './clock.ts';
import { newId } from './ids.ts';
import type { CatalogUpkeep, Staff, Stores, Transact } from './ports.ts';
import { invalid, PAGE_SIZE_DEFAULT, type Page, toPage } from './resource.ts';
import { requireRole, type StaffRole } from './staff.ts';
import {
  checkNewStore,
  checkStore,
  type NewStore,
  STORE_FIELDS,
  Store,
  type StoreFields,
  type StoreState,
} from './store.ts';

export interface ManageStoreDeps {
  readonly transact: Transact;
  readonly stores: Stores;
  readonly staff: Staff;
  readonly catalogUpkeep: CatalogUpkeep;
  readonly clock: Clock;
}

const OWNED_MAX = 100;
const MASK: MaskRules<StoreFields> = {
  fields: STORE_FIELDS,
  outputOnly: new Set(['store_id', 'state', 'create_time', 'update_time', 'etag']),
  immutable: new Set(['slug', 'currency_code']),
};

/**
 * Creates a store that belongs to a user.
 * @throws DomainError `invalid` (STORE_INVALID), `already-exists` (SLUG_TAKEN) or `exhausted` (STORES_TOO_MANY).
 */
export async function createStore(userId: string, fields: NewStore, deps: ManageStoreDeps): Promise<Store> {
  checkNewStore(fields);
  const now = deps.clock.now();
  return deps.transact(async () => {
    await requireRoom(userId, deps);
    const store = new Store(newId.store(), fields, now);
    if (!(await deps.stores.add(store))) throw slugTaken();
    await deps.staff.put({ storeId: store.storeId, userId, role: 'owner', createTime: now });
    return store;
  });
}

/**
 * Locks how many stores a user owns, and sees to it that one more is allowed.
 * @throws DomainError `exhausted` (STORES_TOO_MANY).
 */
export async function requireRoom(userId: string, { staff }: Pick<ManageStoreDeps, 'staff'>): Promise<void> {
  if ((await staff.lockOwned(userId)) < OWNED_MAX) return;
  throw new DomainError('exhausted', 'STORES_TOO_MANY', `A user owns at most ${OWNED_MAX} stores.`);
}

/** Finds a store, open or closed. @throws DomainError `not-found` (STORE_NOT_FOUND). */
export async function getStore(
  by: 'storeId' | 'slug',
  name: string,
  { stores }: Pick<ManageStoreDeps, 'stores'>,
): Promise<Store> {
  const store = await (by === 'slug' ? stores.findBySlug(name) : stores.find(name));
  if (!store) throw storeNotFound();
  return store;
}

/** Open stores, newest first, that are older than `before`. `pageSize` 0 means 20. */
export async function listStores(
  pageSize: number,
  before: string | undefined,
  { stores }: Pick<ManageStoreDeps, 'stores'>,
): Promise<Page<Store>> {
  const limit = pageSize || PAGE_SIZE_DEFAULT;
  return toPage(await stores.listOpen(limit + 1, before), limit, ({ storeId }) => storeId);
}

/** The stores that a user works for, newest first, that are older than `before`. `pageSize` 0 means 20. */
export async function listMyStores(
  userId: string,
  pageSize: number,
  before: string | undefined,
  { stores }: Pick<ManageStoreDeps, 'stores'>,
): Promise<Page<{ store: Store; role: StaffRole }>> {
  const limit = pageSize || PAGE_SIZE_DEFAULT;
  return toPage(await stores.listOf(userId, limit + 1, before), limit, ({ store }) => store.storeId);
}

/**
 * Changes the fields of a store that a mask names.
 * @throws DomainError `forbidden` (ROLE_MISSING), `invalid`, `not-found` (STORE_NOT_FOUND) or `aborted` (ETAG_MISMATCH).
 */
export async function updateStore(
  userId: string,
  update: NewStore & { storeId: string; etag: string },
  mask: readonly string[],
  deps: ManageStoreDeps,
): Promise<Store> {
  requireRole(await deps.staff.roleOf(update.storeId, userId), 'manager');
  const paths = expandMask(mask, update, MASK);
  const changes = maskedValues(paths, update, MASK);
  checkStore(changes);
  return deps.transact(async () => {
    const store = await lockStore(update.storeId, deps.stores);
    checkImmutable(paths, update, store);
    store.update(changes, update.etag, deps.clock.now());
    return store;
  });
}

/**
 * Closes or opens a store. Its products leave the catalogue or come back.
 * @throws DomainError `forbidden` (ROLE_MISSING) or `not-found` (STORE_NOT_FOUND).
 */
export async function setStoreState(
  userId: string,
  storeId: string,
  state: StoreState,
  deps: ManageStoreDeps,
): Promise<Store> {
  requireRole(await deps.staff.roleOf(storeId, userId), 'owner');
  return deps.transact(async () => {
    const store = await lockStore(storeId, deps.stores);
    if (store.become(state, deps.clock.now())) await deps.catalogUpkeep.sweep(storeId);
    return store;
  });
}

/** @throws DomainError `not-found` (STORE_NOT_FOUND). */
export async function lockStore(storeId: string, stores: Stores): Promise<Store> {
  const store = await stores.lock(storeId);
  if (!store) throw storeNotFound();
  return store;
}

export function storeNotFound(): DomainError {
  return new DomainError('not-found', 'STORE_NOT_FOUND', 'There is no such store.');
}

function checkImmutable(paths: readonly string[], update: NewStore, store: Store): void {
  const changed = [
    paths.includes('slug') && update.slug !== store.slug ? 'slug' : undefined,
    paths.includes('currency_code') && update.currencyCode !== store.currencyCode ? 'currency_code' : undefined,
  ].filter((path) => path !== undefined);
  if (changed.length === 0) return;
  const fields = changed.map((path) => ({
    field: `store.${path}`,
    reason: 'FIELD_IMMUTABLE',
    description: 'is chosen once and never changes',
  }));
  throw invalid('FIELD_IMMUTABLE', 'The update changes what is chosen once.', fields);
}

function slugTaken(): DomainError {
  const fields = [{ field: 'store.slug', reason: 'SLUG_TAKEN', description: 'is the slug of another store' }];
  return new DomainError('already-exists', 'SLUG_TAKEN', 'The slug is taken.', { fields });
}
