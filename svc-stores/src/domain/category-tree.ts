import { DomainError } from '@malla/chassis/errors';
import { foldCase } from './fold.ts';
import type { StaffRole } from './staff.ts';

/** A category of a store. */
export interface Category {
  readonly categoryId: string;
  readonly storeId: string;
  /** Empty at the top. */
  readonly parentId: string;
  readonly name: string;
  /** Its place among its siblings, from 0. */
  readonly position: number;
}

/** A category, and how deep it lies: 1 at the top. */
export type PlacedCategory = Category & { readonly depth: number };

export interface Categories {
  /** All categories of a store, in any order; undefined when there is no store. */
  list(storeId: string): Promise<Category[] | undefined>;
  /** The store of a category, and what a user is for it. @throws DomainError `not-found` (CATEGORY_NOT_FOUND). */
  storeOf(categoryId: string, userId: string): Promise<{ storeId: string; role: StaffRole | undefined }>;
  /** Adds categories, or writes parent, name and position anew. */
  put(categories: readonly Category[]): Promise<void>;
  remove(categoryId: string): Promise<void>;
  /** Whether a product, in whatever state, is in a category. */
  isUsed(categoryId: string): Promise<boolean>;
  /**
   * Keeps the tree of a store as it is until the transaction ends, and checks that it has some categories; an empty id stands
   * for none. @throws DomainError `not-found` (CATEGORY_NOT_FOUND).
   */
  lockUse(storeId: string, categoryIds: readonly string[]): Promise<void>;
}

export const CATEGORIES_MAX = 1_000;
export const DEPTH_MAX = 8;

/** A tree in its order: each category before its children, siblings by their place. */
export function inOrder(tree: readonly Category[], parentId = '', depth = 1): PlacedCategory[] {
  return numbered(childrenOf(tree, parentId)).flatMap((category) => [
    { ...category, depth },
    ...inOrder(tree, category.categoryId, depth + 1),
  ]);
}

/** A category and all below it. */
export function subtree(tree: readonly Category[], categoryId: string): string[] {
  return [categoryId, ...childrenOf(tree, categoryId).flatMap((child) => subtree(tree, child.categoryId))];
}

/**
 * Adds a category as the last child of its parent.
 * @param at where in the request the fields of the category are.
 * @throws DomainError `exhausted` (CATEGORIES_TOO_MANY), and what `place` throws.
 */
export function added(tree: readonly Category[], category: Omit<Category, 'position'>, at: string): Category {
  if (tree.length >= CATEGORIES_MAX) {
    throw new DomainError('exhausted', 'CATEGORIES_TOO_MANY', `A store has at most ${CATEGORIES_MAX} categories.`);
  }
  checkPlace(tree, category, { parentId: category.parentId, height: 1, at });
  return { ...category, position: (childrenOf(tree, category.parentId).at(-1)?.position ?? -1) + 1 };
}

/** Gives a category another name. @throws DomainError `already-exists` (CATEGORY_NAME_TAKEN). */
export function renamed(tree: readonly Category[], categoryId: string, name: string): Category {
  const category = { ...find(tree, categoryId), name };
  checkName(tree, category, category.parentId, '');
  return category;
}

/**
 * Moves a category with all below it.
 * @returns every category that is different afterwards.
 * @throws DomainError `precondition` (CATEGORY_CYCLE, CATEGORY_TOO_DEEP), `not-found`, `already-exists`.
 */
export function moved(tree: readonly Category[], categoryId: string, parentId: string, position: number): Category[] {
  const category = find(tree, categoryId);
  if (subtree(tree, categoryId).includes(parentId)) {
    const fields = [{ field: 'parent_id', reason: 'CATEGORY_CYCLE', description: 'is the category or lies below it' }];
    const message = 'A category cannot be moved to itself or below itself.';
    throw new DomainError('precondition', 'CATEGORY_CYCLE', message, { fields });
  }
  checkPlace(tree, category, { parentId, height: heightOf(tree, categoryId), at: '' });
  const siblings = childrenOf(tree, parentId).filter((sibling) => sibling.categoryId !== categoryId);
  const left = childrenOf(tree, category.parentId).filter((sibling) => sibling.categoryId !== categoryId);
  const next = [
    ...numbered(category.parentId === parentId ? [] : left),
    ...numbered(siblings.toSpliced(position, 0, { ...category, parentId })),
  ];
  return next.filter((placed) => {
    const before = find(tree, placed.categoryId);
    return before.position !== placed.position || before.parentId !== placed.parentId;
  });
}

/** The siblings of a category that have other places when it is gone. */
export function closedUp(tree: readonly Category[], { categoryId, parentId }: Category): Category[] {
  const left = childrenOf(tree, parentId).filter((sibling) => sibling.categoryId !== categoryId);
  return numbered(left).filter(({ position }, at) => left[at]?.position !== position);
}

/** @throws DomainError `not-found` (CATEGORY_NOT_FOUND). */
export function find(tree: readonly Category[], categoryId: string, field = 'category_id'): Category {
  const category = tree.find((one) => one.categoryId === categoryId);
  if (!category) throw categoryNotFound(field);
  return category;
}

export function childrenOf(tree: readonly Category[], parentId: string): Category[] {
  return tree.filter((category) => category.parentId === parentId).toSorted(byPlace);
}

/** Some have gaps and share places, from before deleting one closed its siblings up: the older one comes first then. */
function byPlace(a: Category, b: Category): number {
  return a.position - b.position || (a.categoryId < b.categoryId ? -1 : 1);
}

export function categoryNotFound(field: string): DomainError {
  const fields = [{ field, reason: 'CATEGORY_NOT_FOUND', description: 'is no category of the store' }];
  return new DomainError('not-found', 'CATEGORY_NOT_FOUND', 'The store has no such category.', { fields });
}

/** A name as siblings are told apart by it. */
export function nameKey(name: string): string {
  return foldCase(name).trim();
}

function numbered(categories: readonly Category[]): Category[] {
  return categories.map((category, position) => ({ ...category, position }));
}

function checkPlace(
  tree: readonly Category[],
  category: Pick<Category, 'categoryId' | 'name'>,
  { parentId, height, at }: { parentId: string; height: number; at: string },
): void {
  const field = `${at}parent_id`;
  const parentDepth = parentId === '' ? 0 : depthOf(tree, parentId, field);
  if (parentDepth + height > DEPTH_MAX) {
    const message = `The tree is at most ${DEPTH_MAX} categories deep.`;
    const fields = [{ field, reason: 'CATEGORY_TOO_DEEP', description: 'lies too deep' }];
    throw new DomainError('precondition', 'CATEGORY_TOO_DEEP', message, { fields });
  }
  checkName(tree, category, parentId, at);
}

function checkName(
  tree: readonly Category[],
  { categoryId, name }: Pick<Category, 'categoryId' | 'name'>,
  parentId: string,
  at: string,
) {
  const others = childrenOf(tree, parentId).filter((sibling) => sibling.categoryId !== categoryId);
  if (!others.some((sibling) => nameKey(sibling.name) === nameKey(name))) return;
  const fields = [{ field: `${at}name`, reason: 'CATEGORY_NAME_TAKEN', description: 'is the name of a sibling' }];
  throw new DomainError('already-exists', 'CATEGORY_NAME_TAKEN', 'A sibling has that name.', { fields });
}

function depthOf(tree: readonly Category[], categoryId: string, field: string): number {
  const { parentId } = find(tree, categoryId, field);
  return parentId === '' ? 1 : depthOf(tree, parentId, field) + 1;
}

function heightOf(tree: readonly Category[], categoryId: string): number {
  return 1 + Math.max(0, ...childrenOf(tree, categoryId).map((child) => heightOf(tree, child.categoryId)));
}
