import { DomainError } from '@malla/chassis/errors';
import { type CategoryPath, type CategoryPathDeps, openCategoryPaths, pathKey } from './category-path.ts';
import type { ImportOutcome, ImportRow } from './import.ts';
import type { ProductFields } from './product.ts';
import { invalid } from './resource.ts';

/** A row as it was sent: a product, or what is wrong with it. */
export interface RowInput {
  /** Of its first variant, to tell it by; no longer than a SKU may be. */
  readonly sku: string;
  readonly product: ProductFields | DomainError;
  /** Of its category, in place of the id; empty when there is none, or the id says. */
  readonly categoryPath: CategoryPath;
  readonly publish: boolean;
  /** How large it is. */
  readonly bytes: number;
}

/** A row with its number, on its way. */
export interface Row extends RowInput {
  readonly rowNumber: number;
}

const MESSAGE_CHARS_MAX = 1_000;

/** The SKUs that are looked up for a row: those of a row that failed are what anybody may have written. */
export function skusOf({ product }: RowInput): string[] {
  return product instanceof DomainError ? [] : product.variants.map(({ sku }) => sku);
}

/** Cuts rows into groups in which no SKU stands twice, so that each group is looked up at once. */
export function withoutRepeats(rows: readonly Row[]): Row[][] {
  const groups: Row[][] = [[]];
  let seen = new Set<string>();
  for (const row of rows) {
    const skus = skusOf(row);
    if (skus.some((sku) => seen.has(sku))) {
      groups.push([]);
      seen = new Set();
    }
    groups.at(-1)?.push(row);
    for (const sku of skus) seen.add(sku);
  }
  return groups;
}

export function outcomeOf({ rowNumber, sku }: Row, outcome: ImportOutcome, productId: string): ImportRow {
  return { rowNumber, sku, outcome, productId, reason: '', message: '' };
}

/** @throws what is no DomainError. */
export function failed({ rowNumber, sku }: Row, error: unknown): ImportRow {
  if (!(error instanceof DomainError)) throw error;
  const fields = (error.details.fields ?? []).map(({ field, description }) => `${inJsonNames(field)} ${description}`);
  const message = (fields.length > 0 ? fields.join('; ') : error.message).slice(0, MESSAGE_CHARS_MAX);
  return { rowNumber, sku, outcome: 'failed', productId: '', reason: error.reason, message };
}

/** A path in the spelling of the lines that merchants import, which are JSON. Keys of maps stay as they are. */
function inJsonNames(path: string): string {
  return path.replace(/\["(?:[^"\\]|\\.)*"\]|_([a-z0-9])/g, (all, letter?: string) => letter?.toUpperCase() ?? all);
}

/**
 * Gives products that tell their category by its path the category's id. Missing ones are made in a transaction of their own,
 * since that locks the tree; a row whose category cannot be made fails.
 */
export async function withCategories<R extends RowInput>(
  storeId: string,
  rows: readonly R[],
  deps: CategoryPathDeps,
): Promise<R[]> {
  const checked = rows.map((row) => (isContradictory(row) ? { ...row, product: contradiction() } : row));
  const paths = checked.flatMap(({ product, categoryPath }) =>
    product instanceof DomainError || categoryPath.length === 0 ? [] : [categoryPath],
  );
  const ids = await openCategoryPaths(storeId, paths, deps);
  return checked.map((row) => {
    if (row.product instanceof DomainError || row.categoryPath.length === 0) return row;
    const found = ids.get(pathKey(row.categoryPath)) ?? '';
    return { ...row, product: found instanceof DomainError ? found : { ...row.product, categoryId: found } };
  });
}

function isContradictory({ product, categoryPath }: RowInput): boolean {
  return categoryPath.length > 0 && !(product instanceof DomainError) && product.categoryId !== '';
}

function contradiction(): DomainError {
  const description = 'cannot be given together with the id of the category';
  const fields = [{ field: 'category_path', reason: 'FIELD_INVALID', description }];
  return invalid('PRODUCT_INVALID', 'The product breaks a rule.', fields);
}
