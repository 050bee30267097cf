import { DomainError } from '@malla/chassis/errors';
import { added, type Categories, type Category, nameKey } from './category-tree.ts';
import { newId } from './ids.ts';
import { lockStore } from './manage-store.ts';
import type { Stores, Transact } from './ports.ts';
import { invalid } from './resource.ts';

export interface CategoryPathDeps {
  readonly transact: Transact;
  readonly stores: Stores;
  readonly categories: Categories;
}

/** Names of a category and of those above it, from the top. */
export type CategoryPath = readonly string[];

const FIELD = 'category_path';

/**
 * Finds the categories of a store by their paths, and makes those that are missing.
 * @returns the id of each path by its key, or why there is none.
 */
export async function openCategoryPaths(
  storeId: string,
  paths: readonly CategoryPath[],
  deps: CategoryPathDeps,
): Promise<Map<string, string | DomainError>> {
  if (paths.length === 0) return new Map();
  const known = pathsOf((await deps.categories.list(storeId)) ?? []);
  if (paths.every((path) => known.has(pathKey(path)))) return known;
  return deps.transact(async () => {
    await lockStore(storeId, deps.stores);
    const tree = (await deps.categories.list(storeId)) ?? [];
    const { made, ids } = madePaths(storeId, tree, paths);
    await deps.categories.put(made);
    return ids;
  });
}

/** What tells paths apart: names that differ in case alone are the same. The first one is how it is written. */
export function pathKey(path: CategoryPath): string {
  return JSON.stringify(path.map(nameKey));
}

/** The id of each category by the key of its path. */
function pathsOf(tree: readonly Category[]): Map<string, string | DomainError> {
  const byId = new Map(tree.map((category) => [category.categoryId, category]));
  const above = ({ name, parentId }: Category): string[] => {
    const parent = byId.get(parentId);
    return parent ? [...above(parent), name] : [name];
  };
  return new Map(tree.map((category) => [pathKey(above(category)), category.categoryId]));
}

function madePaths(storeId: string, tree: readonly Category[], paths: readonly CategoryPath[]) {
  const ids = pathsOf(tree);
  const made: Category[] = [];
  const open = (path: CategoryPath): string => {
    const known = path.length === 0 ? '' : ids.get(pathKey(path));
    if (typeof known === 'string') return known;
    if (known) throw known;
    const [name = ''] = path.slice(-1);
    if (name.trim() === '') throw refused('CATEGORY_INVALID', 'holds a name without a visible character');
    const parentId = open(path.slice(0, -1));
    const category = added([...tree, ...made], { categoryId: newId.category(), storeId, parentId, name }, '');
    made.push(category);
    ids.set(pathKey(path), category.categoryId);
    return category.categoryId;
  };
  for (const path of paths) {
    if (ids.has(pathKey(path))) continue;
    try {
      open(path);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      ids.set(pathKey(path), refused(error.reason, `cannot be made: ${error.message}`));
    }
  }
  return { made, ids };
}

function refused(reason: string, description: string): DomainError {
  return invalid(reason, 'The category cannot be made.', [{ field: FIELD, reason, description }]);
}
