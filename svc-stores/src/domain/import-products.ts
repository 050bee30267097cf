import { DomainError } from '@malla/chassis/errors';
import { newId } from './ids.ts';
import { type Import, type ImportQueries, type ImportRow, importNotFound } from './import.ts';
import { type ImportBatchDeps, importBatch } from './import-batch.ts';
import type { RowInput } from './import-row.ts';
import { ofImporter } from './importer.ts';
import { type Page, toPage } from './resource.ts';
import { requireRole } from './staff.ts';

/** A row with where it belongs. */
export interface ImportInput extends RowInput {
  readonly storeId: string;
  /** Empty for a new import. Only that of the first row counts. */
  readonly importId: string;
  /** Whether it was sent as a row. A line that was none knows nothing of its import. */
  readonly isRow: boolean;
}

const BATCH = 1_000;
/** With long texts in them, 1,000 rows are more than a transaction should hold. */
const BATCH_BYTES_MAX = 8 * 1024 * 1024;
const FAILED_TOLD_MAX = 100;
const ROW_PAGE_SIZE_DEFAULT = 100;

/**
 * Creates or updates a product for each row. While one batch is written the next one is read.
 * @returns how far the import is, and the first rows of this call that failed; undefined when there was no row.
 * @throws DomainError `forbidden`, `not-found` (STORE_NOT_FOUND), `invalid` (STORE_MIXED), `already-exists` (IMPORT_MISMATCH),
 *   `aborted` (IMPORT_BUSY).
 */
export async function importProducts(
  userId: string,
  inputs: AsyncIterable<ImportInput>,
  deps: ImportBatchDeps,
): Promise<{ progress: Import; failedRows: ImportRow[] } | undefined> {
  let progress: Import | undefined;
  const failedRows: ImportRow[] = [];
  let toPassOver = 0;
  let running: Promise<void> = Promise.resolve();
  let batch: ImportInput[] = [];
  let batchBytes = 0;

  const write = (rows: readonly ImportInput[]) => async () => {
    const done = await importBatch(userId, progress as Import, rows, deps);
    progress = done.progress;
    failedRows.push(
      ...done.rows.filter(({ outcome }) => outcome === 'failed').slice(0, FAILED_TOLD_MAX - failedRows.length),
    );
  };
  const flush = async () => {
    await running;
    if (batch.length === 0) return;
    running = write(batch)();
    running.catch(() => undefined); // Whoever awaits it next hears of it.
    batch = [];
    batchBytes = 0;
  };
  for await (const input of knowingTheirImport(ofImporter(userId, inputs, deps))) {
    if (!progress) {
      progress = await begin(input, deps);
      toPassOver = progress.rowCount;
    }
    if (input.storeId !== progress.storeId) throw storeMixed();
    if (toPassOver > 0) {
      toPassOver -= 1;
      continue;
    }
    batch.push(input);
    batchBytes += input.bytes;
    if (batch.length === BATCH || batchBytes >= BATCH_BYTES_MAX) await flush();
  }
  await flush();
  await running;
  return progress && { progress, failedRows };
}

/** Holds lines before the first row back, which belong to its import. */
async function* knowingTheirImport(inputs: AsyncIterable<ImportInput>): AsyncGenerator<ImportInput> {
  const held: ImportInput[] = [];
  let isKnown = false;
  for await (const input of inputs) {
    isKnown ||= input.isRow || input.importId !== '' || held.length === BATCH;
    if (!isKnown) held.push(input);
    else {
      for (const line of held.splice(0)) yield { ...line, importId: input.importId };
      yield input;
    }
  }
  yield* held;
}

/** @throws DomainError `not-found` (IMPORT_NOT_FOUND) or `forbidden`. */
export async function getImport(
  userId: string,
  importId: string,
  { importQueries }: { readonly importQueries: ImportQueries },
): Promise<Import> {
  const known = await importQueries.find(importId, userId);
  if (!known) throw importNotFound();
  requireRole(known.role, 'clerk', importNotFound);
  return known.found;
}

/** What became of the rows, in their order. `pageSize` 0 means 100. @throws DomainError `not-found` or `forbidden`. */
export async function listImportRows(
  userId: string,
  importId: string,
  page: { readonly failedOnly: boolean; readonly pageSize: number; readonly afterRow: number },
  { importQueries }: { readonly importQueries: ImportQueries },
): Promise<Page<ImportRow>> {
  const limit = page.pageSize || ROW_PAGE_SIZE_DEFAULT;
  const known = await importQueries.listRows(importId, userId, page.failedOnly, limit + 1, page.afterRow);
  if (!known) throw importNotFound();
  requireRole(known.role, 'clerk', importNotFound);
  return toPage(known.rows, limit, ({ rowNumber }) => String(rowNumber));
}

async function begin({ storeId, importId }: ImportInput, deps: ImportBatchDeps): Promise<Import> {
  const now = deps.clock.now();
  const counts = { rowCount: 0, createdCount: 0, updatedCount: 0, failedCount: 0 };
  const started = { importId: importId || newId.import(), storeId, ...counts, createTime: now, updateTime: now };
  await deps.imports.add(started);
  const known = (await deps.imports.find(started.importId)) ?? started;
  if (known.storeId === storeId) return known;
  throw new DomainError('already-exists', 'IMPORT_MISMATCH', 'The id was used for an import into another store.');
}

function storeMixed(): DomainError {
  const fields = [{ field: 'store_id', reason: 'STORE_MIXED', description: 'differs from that of the first row' }];
  return new DomainError('invalid', 'STORE_MIXED', 'The rows belong to more than one store.', { fields });
}
