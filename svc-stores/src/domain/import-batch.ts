import { DomainError } from '@malla/chassis/errors';
import { applyChanges, skuTaken } from './apply-changes.ts';
import { type Category, categoryNotFound } from './category-tree.ts';
import { checkProduct } from './check-product.ts';
import { advanced, type Import, type ImportOutcome, type ImportRow, type Imports } from './import.ts';
import type { ManageProductDeps } from './manage-product.ts';
import { type NewProduct, newProduct, type ProductFields } from './product.ts';

/** A row as it was sent: a product, or what is wrong with it. */
export interface RowInput {
  readonly sku: string;
  readonly product: ProductFields | DomainError;
  readonly publish: boolean;
}

export interface ImportBatchDeps extends ManageProductDeps {
  readonly imports: Imports;
  /** Undoes within a transaction what `work` did, should it throw a DomainError. */
  readonly savepoint: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** A row with its number, on its way. */
interface Row extends RowInput {
  readonly rowNumber: number;
}

/** Another call took a SKU between the look and the leap. */
class SkuRace extends Error {}

const RACES_MAX = 5;

/**
 * Works off some rows in one transaction, and writes down what became of each.
 * @param progress how far the import is, as the caller knows it.
 * @throws DomainError `aborted` (IMPORT_BUSY) when another call has taken the import further.
 */
export async function importBatch(
  userId: string,
  progress: Import,
  inputs: readonly RowInput[],
  deps: ImportBatchDeps,
): Promise<{ progress: Import; rows: ImportRow[] }> {
  for (let race = 1; ; race += 1) {
    try {
      return await deps.transact(() => workOff(userId, progress, inputs, deps));
    } catch (error) {
      if (!(error instanceof SkuRace) || race === RACES_MAX) throw error;
    }
  }
}

async function workOff(userId: string, progress: Import, inputs: readonly RowInput[], deps: ImportBatchDeps) {
  const locked = await deps.imports.lock(progress.importId);
  if (locked?.rowCount !== progress.rowCount) {
    throw new DomainError('aborted', 'IMPORT_BUSY', 'Another call works on this import.', { retryAfterMs: 1_000 });
  }
  await deps.categories.lockUse(progress.storeId, []);
  const tree = (await deps.categories.list(progress.storeId)) ?? [];
  const numbered = inputs.map((input, at) => ({ ...input, rowNumber: progress.rowCount + at + 1 }));
  const rows: ImportRow[] = [];
  for (const group of withoutRepeats(numbered))
    rows.push(...(await importGroup(userId, progress.storeId, tree, group, deps)));
  const updated = rows.filter(({ outcome }) => outcome === 'updated').map(({ productId }) => productId);
  await deps.catalogUpkeep.refresh(updated);
  const next = advanced(progress, rows, deps.clock.now());
  await deps.imports.advance(next, rows);
  return { progress: next, rows };
}

/** Cuts rows into groups in which no SKU stands twice, so that each group is looked up at once. */
function withoutRepeats(rows: readonly Row[]): Row[][] {
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

async function importGroup(
  userId: string,
  storeId: string,
  tree: readonly Category[],
  rows: readonly Row[],
  deps: ImportBatchDeps,
): Promise<ImportRow[]> {
  const known = await deps.products.findBySku(storeId, rows.flatMap(skusOf));
  const categories = new Set(['', ...tree.map(({ categoryId }) => categoryId)]);
  const done = new Map<number, ImportRow>();
  const made: { row: Row; product: NewProduct }[] = [];
  const changed: { row: Row; fields: ProductFields; productId: string }[] = [];
  for (const row of rows) {
    try {
      const { fields, productId } = look(row, known, categories);
      if (productId !== undefined) changed.push({ row, fields, productId });
      else made.push({ row, product: make(storeId, fields, row.publish, deps.clock.now()) });
    } catch (error) {
      done.set(row.rowNumber, failed(row, error));
    }
  }
  await add(
    userId,
    made.map(({ product }) => product),
    deps,
  );
  for (const { row, product } of made) done.set(row.rowNumber, outcomeOf(row, 'created', product.productId));
  for (const { row, fields, productId } of changed.toSorted((a, b) => (a.productId < b.productId ? -1 : 1))) {
    done.set(row.rowNumber, await change(userId, row, fields, productId, deps));
  }
  return rows.flatMap(({ rowNumber }) => done.get(rowNumber) ?? []);
}

async function add(userId: string, products: readonly NewProduct[], deps: ImportBatchDeps) {
  if (!(await deps.products.add(products))) throw new SkuRace();
  await deps.stockKeeping.open(products, userId, deps.clock.now());
  const shown = products.map((product) => ({
    ...product,
    variants: product.variants.map((variant) => ({ ...variant, inStock: variant.initialStock > 0 })),
  }));
  await deps.catalogUpkeep.enter(shown);
}

/** @throws DomainError that says why a row fails. */
function look(row: Row, known: ReadonlyMap<string, string>, categories: ReadonlySet<string>) {
  const fields = row.product;
  if (fields instanceof DomainError) throw fields;
  if (!categories.has(fields.categoryId)) throw categoryNotFound('product.category_id');
  const productId = known.get(row.sku);
  if (skusOf(row).some((sku) => known.has(sku) && known.get(sku) !== productId)) throw skuTaken();
  if (productId === undefined) checkProduct(fields);
  return { fields, productId };
}

function make(storeId: string, fields: ProductFields, publish: boolean, now: Date): NewProduct {
  return { ...newProduct(storeId, fields, now), state: publish ? 'published' : 'draft' };
}

async function change(userId: string, row: Row, fields: ProductFields, productId: string, deps: ImportBatchDeps) {
  try {
    await deps.savepoint(async () => {
      const product = await deps.products.lock(productId);
      if (!product) throw new SkuRace();
      const state = row.publish ? 'published' : product.state;
      await applyChanges(product, { changes: fields, state, etag: '' }, userId, deps);
    });
    return outcomeOf(row, 'updated', productId);
  } catch (error) {
    return failed(row, error);
  }
}

function skusOf({ sku, product }: RowInput): string[] {
  return product instanceof DomainError ? [sku] : product.variants.map((variant) => variant.sku);
}

function outcomeOf({ rowNumber, sku }: Row, outcome: ImportOutcome, productId: string): ImportRow {
  return { rowNumber, sku, outcome, productId, reason: '', message: '' };
}

function failed({ rowNumber, sku }: Row, error: unknown): ImportRow {
  if (!(error instanceof DomainError)) throw error;
  const fields = (error.details.fields ?? []).map(({ field, description }) => `${field} ${description}`);
  const message = fields.length > 0 ? fields.join('; ') : error.message;
  return { rowNumber, sku, outcome: 'failed', productId: '', reason: error.reason, message };
}
