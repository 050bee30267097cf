import type { Import, ImportOutcome, ImportQueries, ImportRow, Imports } from '../domain/import.ts';
import type { StaffRole } from '../domain/staff.ts';
import { readId, readTime, writeId } from './columns.ts';
import { insertMany } from './insert-many.ts';
import type { Orm } from './orm.ts';

const INSERT = `INSERT IGNORE INTO imports (import_id, store_id, row_count, created_count, updated_count, failed_count,
  create_time, update_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const ADVANCE = `UPDATE imports SET row_count = ?, created_count = ?, updated_count = ?, failed_count = ?, update_time = ?
  WHERE import_id = ?`;
const INSERT_ROWS = 'INSERT INTO import_rows (import_id, `row_number`, sku, outcome, product_id, reason, message)';
const FIND_FOR = `SELECT i.*, m.role FROM imports i LEFT JOIN staff m ON m.store_id = i.store_id AND m.user_id = ?
  WHERE i.import_id = ?`;
const listRows = (failedOnly: boolean) => `SELECT m.role, r.* FROM imports i
  LEFT JOIN staff m ON m.store_id = i.store_id AND m.user_id = ?
  LEFT JOIN (
    SELECT * FROM import_rows WHERE import_id = ? ${failedOnly ? "AND outcome = 'failed'" : ''} AND \`row_number\` > ?
    ORDER BY \`row_number\` LIMIT ?
  ) r ON m.role IS NOT NULL
  WHERE i.import_id = ? ORDER BY r.\`row_number\``;

interface Row {
  readonly import_id: Buffer;
  readonly store_id: Buffer;
  readonly row_count: number;
  readonly created_count: number;
  readonly updated_count: number;
  readonly failed_count: number;
  readonly create_time: string;
  readonly update_time: string;
}

interface RowRow {
  readonly row_number: number;
  readonly sku: string;
  readonly outcome: ImportOutcome;
  readonly product_id: Buffer | null;
  readonly reason: string;
  readonly message: string;
}

/** Imports in MySQL. */
export function createImports({ em }: Orm): Imports {
  const find = async (importId: string, lock = '') => {
    const [row] = await em.execute<Row[]>(`SELECT * FROM imports WHERE import_id = ?${lock}`, [
      writeId('imp', importId),
    ]);
    return row && toImport(row);
  };
  return {
    find: (importId) => find(importId),
    lock: (importId) => find(importId, ' FOR UPDATE'),
    add: async (started) => {
      const times = [started.createTime, started.updateTime];
      const ids = [writeId('imp', started.importId), writeId('store', started.storeId)];
      await em.execute(INSERT, [...ids, ...countsOf(started), ...times]);
    },
    advance: async (progress, rows) => {
      const id = writeId('imp', progress.importId);
      await em.execute(ADVANCE, [...countsOf(progress), progress.updateTime, id]);
      await insertMany(
        em,
        INSERT_ROWS,
        rows.map((row) => [id, ...valuesOf(row)]),
      );
    },
  };
}

/** Imports as they are read, in MySQL. */
export function createImportQueries({ em }: Orm): ImportQueries {
  return {
    find: async (importId, userId) => {
      type Found = Row & { role: StaffRole | null };
      const [row] = await em.execute<Found[]>(FIND_FOR, [writeId('usr', userId), writeId('imp', importId)]);
      return row && { found: toImport(row), role: row.role ?? undefined };
    },
    listRows: async (importId, userId, failedOnly, limit, afterRow) => {
      const id = writeId('imp', importId);
      type Found = (RowRow | { row_number: null }) & { role: StaffRole | null };
      const values = [writeId('usr', userId), id, afterRow, limit, id];
      const found = await em.execute<Found[]>(listRows(failedOnly), values);
      const [first] = found;
      const rows = found.filter((row) => row.row_number !== null);
      return first && { role: first.role ?? undefined, rows: rows.map(toRow) };
    },
  };
}

function countsOf({ rowCount, createdCount, updatedCount, failedCount }: Import): number[] {
  return [rowCount, createdCount, updatedCount, failedCount];
}

function valuesOf({ rowNumber, sku, outcome, productId, reason, message }: ImportRow) {
  const product = productId === '' ? null : writeId('prod', productId);
  return [rowNumber, sku, outcome, product, reason, message];
}

function toImport(row: Row): Import {
  return {
    importId: readId('imp', row.import_id),
    storeId: readId('store', row.store_id),
    rowCount: row.row_count,
    createdCount: row.created_count,
    updatedCount: row.updated_count,
    failedCount: row.failed_count,
    createTime: readTime(row.create_time),
    updateTime: readTime(row.update_time),
  };
}

function toRow(row: RowRow): ImportRow {
  return {
    rowNumber: row.row_number,
    sku: row.sku,
    outcome: row.outcome,
    productId: row.product_id ? readId('prod', row.product_id) : '',
    reason: row.reason,
    message: row.message,
  };
}
