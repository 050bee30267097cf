import { DomainError } from '@malla/chassis/errors';
import {
  added,
  type Categories,
  type Category,
  categoryNotFound,
  childrenOf,
  closedUp,
  find,
  inOrder,
  moved,
  type PlacedCategory,
  renamed,
  subtree,
} from './category-tree.ts';
import { newId } from './ids.ts';
import { lockStore, storeNotFound } from './manage-store.ts';
import type { CatalogUpkeep, Staff, Stores, Transact } from './ports.ts';
import { invalid } from './resource.ts';
import { requireRole } from './staff.ts';

export interface ManageCategoriesDeps {
  readonly transact: Transact;
  readonly stores: Stores;
  readonly staff: Staff;
  readonly categories: Categories;
  readonly catalogUpkeep: CatalogUpkeep;
}

/** @throws DomainError `not-found` (STORE_NOT_FOUND). */
export async function getCategoryTree(
  storeId: string,
  { categories }: Pick<ManageCategoriesDeps, 'categories'>,
): Promise<PlacedCategory[]> {
  const tree = await categories.list(storeId);
  if (!tree) throw storeNotFound();
  return inOrder(tree);
}

/** Adds a category. @throws DomainError `forbidden`, `not-found`, `already-exists`, `exhausted` or `precondition`. */
export async function createCategory(
  userId: string,
  storeId: string,
  { name, parentId }: { name: string; parentId: string },
  deps: ManageCategoriesDeps,
): Promise<PlacedCategory> {
  requireRole(await deps.staff.roleOf(storeId, userId), 'manager');
  checkVisible(name, 'category.name');
  return changeTree(storeId, deps, async (tree) => {
    const category = added(tree, { categoryId: newId.category(), storeId, parentId, name }, 'category.');
    await deps.categories.put([category]);
    return { category, tree: [...tree, category] };
  });
}

/** Gives a category another name. @throws DomainError `forbidden`, `not-found` or `already-exists`. */
export async function renameCategory(
  userId: string,
  categoryId: string,
  name: string,
  deps: ManageCategoriesDeps,
): Promise<PlacedCategory> {
  checkVisible(name, 'name');
  return changeTree(await storeFor(userId, categoryId, deps), deps, async (tree) => {
    const category = renamed(tree, categoryId, name);
    await deps.categories.put([category]);
    return { category, tree: [...without(tree, [category]), category] };
  });
}

/** Moves a category with all below it. @throws DomainError `forbidden`, `not-found`, `already-exists` or `precondition`. */
export async function moveCategory(
  userId: string,
  categoryId: string,
  { parentId, position }: { parentId: string; position: number },
  deps: ManageCategoriesDeps,
): Promise<PlacedCategory> {
  const storeId = await storeFor(userId, categoryId, deps);
  return changeTree(storeId, deps, async (tree) => {
    const changes = moved(tree, categoryId, parentId, position);
    await deps.categories.put(changes);
    const isElsewhere = find(tree, categoryId).parentId !== parentId;
    const swept = isElsewhere ? subtree(tree, categoryId) : [];
    for (const id of swept) await deps.catalogUpkeep.sweep(storeId, id);
    const next = [...without(tree, changes), ...changes];
    return { category: find(next, categoryId), tree: next };
  });
}

/** Deletes a category without children and products. @throws DomainError `forbidden`, `not-found` or `precondition`. */
export async function deleteCategory(userId: string, categoryId: string, deps: ManageCategoriesDeps): Promise<void> {
  await changeTree(await storeFor(userId, categoryId, deps), deps, async (tree) => {
    const category = find(tree, categoryId);
    if (childrenOf(tree, categoryId).length > 0 || (await deps.categories.isUsed(categoryId))) {
      const fields = [{ field: 'category_id', reason: 'CATEGORY_NOT_EMPTY', description: 'has children or products' }];
      throw new DomainError('precondition', 'CATEGORY_NOT_EMPTY', 'The category has children or products.', { fields });
    }
    await deps.categories.remove(categoryId);
    await deps.categories.put(closedUp(tree, category));
    return { category, tree };
  });
}

/** Changes of one tree come one after another: each locks the store's row, and with it everybody who uses the tree. */
async function changeTree(
  storeId: string,
  deps: ManageCategoriesDeps,
  change: (tree: readonly Category[]) => Promise<{ category: Category; tree: readonly Category[] }>,
): Promise<PlacedCategory> {
  return deps.transact(async () => {
    await lockStore(storeId, deps.stores);
    const changed = await change((await deps.categories.list(storeId)) ?? []);
    const { categoryId } = changed.category;
    return inOrder(changed.tree).find((placed) => placed.categoryId === categoryId) as PlacedCategory;
  });
}

async function storeFor(userId: string, categoryId: string, { categories }: ManageCategoriesDeps): Promise<string> {
  const { storeId, role } = await categories.storeOf(categoryId, userId);
  requireRole(role, 'manager', () => categoryNotFound('category_id'));
  return storeId;
}

function without(tree: readonly Category[], changes: readonly Category[]): Category[] {
  const changed = new Set(changes.map(({ categoryId }) => categoryId));
  return tree.filter(({ categoryId }) => !changed.has(categoryId));
}

function checkVisible(name: string, field: string): void {
  if (name.trim() !== '') return;
  const fields = [{ field, reason: 'FIELD_INVALID', description: 'must hold a visible character' }];
  throw invalid('CATEGORY_INVALID', 'The name breaks a rule.', fields);
}
