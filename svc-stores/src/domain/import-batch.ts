import { DomainError } from '@malla/chassis/errors';
import { applyChanges, skuTaken } from './apply-changes.ts';
import { categoryNotFound } from './category-tree.ts';
import { checkProduct } from './check-product.ts';
import { advanced, type Import, type ImportRow, type Imports } from './import.ts';
import { failed, outcomeOf, type Row, type RowInput, skusOf, withCategories, withoutRepeats } from './import-row.ts';
import type { ManageProductDeps } from './manage-product.ts';
import type { Stores } from './ports.ts';
import { type NewProduct, newProduct, type ProductFields } from './product.ts';

export interface ImportBatchDeps extends ManageProductDeps {
  readonly imports: Imports;
  readonly stores: Stores;
  /** Undoes within a transaction what `work` did, should it throw a DomainError. */
  readonly savepoint: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** What all rows of a batch share. */
interface Batch {
  readonly userId: string;
  readonly storeId: string;
  /** Empty stands for none. */
  readonly categoryIds: ReadonlySet<string>;
  /** The products that were there and are different now. */
  readonly changed: Set<string>;
  readonly deps: ImportBatchDeps;
}

/** A row that changes a product. */
interface Change {
  readonly row: Row;
  readonly fields: ProductFields;
  readonly productId: string;
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
  const placed = await withCategories(progress.storeId, inputs, deps);
  for (let race = 1; ; race += 1) {
    try {
      return await deps.transact(() => workOff(userId, progress, placed, deps));
    } catch (error) {
      if (!(error instanceof SkuRace) || race === RACES_MAX) throw error;
    }
  }
}

async function workOff(userId: string, progress: Import, inputs: readonly RowInput[], deps: ImportBatchDeps) {
  const { storeId, importId, rowCount } = progress;
  const locked = await deps.imports.lock(importId);
  if (locked?.rowCount !== rowCount) {
    throw new DomainError('aborted', 'IMPORT_BUSY', 'Another call works on this import.', { retryAfterMs: 1_000 });
  }
  await deps.categories.lockUse(storeId, []);
  const tree = (await deps.categories.list(storeId)) ?? [];
  const categoryIds = new Set(['', ...tree.map(({ categoryId }) => categoryId)]);
  const batch: Batch = { userId, storeId, categoryIds, changed: new Set(), deps };
  const numbered = inputs.map((input, at) => ({ ...input, rowNumber: rowCount + at + 1 }));
  const rows: ImportRow[] = [];
  for (const group of withoutRepeats(numbered)) rows.push(...(await importGroup(batch, group)));
  await deps.catalogUpkeep.refresh([...batch.changed]);
  const next = advanced(progress, rows, deps.clock.now());
  await deps.imports.advance(next, rows);
  return { progress: next, rows };
}

async function importGroup(batch: Batch, rows: readonly Row[]): Promise<ImportRow[]> {
  const known = await batch.deps.products.findBySku(batch.storeId, rows.flatMap(skusOf));
  const done: ImportRow[] = [];
  const made: { row: Row; product: NewProduct }[] = [];
  const changes = new Map<string, Change>();
  const later: Row[] = [];
  for (const row of rows) {
    try {
      const { fields, productId } = look(row, known, batch.categoryIds);
      if (productId === undefined) made.push({ row, product: make(batch, row, fields) });
      else if (changes.has(productId)) later.push(row);
      else changes.set(productId, { row, fields, productId });
    } catch (error) {
      done.push(failed(row, error));
    }
  }
  await add(
    batch,
    made.map(({ product }) => product),
  );
  done.push(...made.map(({ row, product }) => outcomeOf(row, 'created', product.productId)));
  const inOrder = [...changes.values()].toSorted((a, b) => (a.productId < b.productId ? -1 : 1));
  for (const change of inOrder) done.push(await apply(batch, change));
  // The product may have other SKUs now than those by which a second row of it was found.
  if (later.length > 0) done.push(...(await importGroup(batch, later)));
  return done.toSorted((a, b) => a.rowNumber - b.rowNumber);
}

async function add({ userId, deps }: Batch, products: readonly NewProduct[]) {
  if (!(await deps.products.add(products))) throw new SkuRace();
  await deps.stockKeeping.open(products, userId, deps.clock.now());
  const shown = products.map((product) => ({
    ...product,
    variants: product.variants.map((variant) => ({ ...variant, inStock: variant.initialStock > 0 })),
  }));
  await deps.catalogUpkeep.enter(shown);
}

/** @throws DomainError that says why a row fails. */
function look(row: Row, known: ReadonlyMap<string, string>, categoryIds: ReadonlySet<string>) {
  const fields = row.product;
  if (fields instanceof DomainError) throw fields;
  if (!categoryIds.has(fields.categoryId)) throw categoryNotFound('product.category_id');
  const found = new Set(skusOf(row).flatMap((sku) => known.get(sku) ?? []));
  if (found.size > 1) throw skuTaken();
  const [productId] = found;
  if (productId === undefined) checkProduct(fields);
  return { fields, productId };
}

function make({ storeId, deps }: Batch, { publish }: Row, fields: ProductFields): NewProduct {
  return { ...newProduct(storeId, fields, deps.clock.now()), state: publish ? 'published' : 'draft' };
}

async function apply({ userId, changed, deps }: Batch, { row, fields, productId }: Change): Promise<ImportRow> {
  try {
    await deps.savepoint(async () => {
      const product = await deps.products.lock(productId);
      if (!product) throw new SkuRace();
      const state = row.publish ? 'published' : product.state;
      if (await applyChanges(product, { changes: fields, state, etag: '' }, userId, deps)) changed.add(productId);
    });
    return outcomeOf(row, 'updated', productId);
  } catch (error) {
    return failed(row, error);
  }
}
