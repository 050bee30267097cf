import type { StaffRole } from '../domain/staff.ts';
import type { Stock, StockEntry, StockQueries, StockReason } from '../domain/stock.ts';
import { marks, readId, readTime, writeId } from './columns.ts';
import type { Orm } from './orm.ts';
import { SOLD_CHANGE } from './sold-change.ts';

const FIND = (ids: readonly Buffer[]) => `SELECT k.variant_id, k.on_hand, k.reserved, k.sold, m.role
  FROM stock k LEFT JOIN staff m ON m.store_id = k.store_id AND m.user_id = ?
  WHERE k.variant_id IN (${marks(ids)})`;
const ENTRIES = `SELECT entry_id, variant_id, reason, on_hand_change, reserved_change, ${SOLD_CHANGE} AS sold_change, actor,
  note, create_time FROM stock_entries`;
const listEntries = (isFirstPage: boolean) => `SELECT m.role, e.* FROM stock k
  LEFT JOIN staff m ON m.store_id = k.store_id AND m.user_id = ?
  LEFT JOIN (
    ${ENTRIES} WHERE variant_id = ? ${isFirstPage ? '' : 'AND entry_id < ?'} ORDER BY entry_id DESC LIMIT ?
  ) e ON m.role IS NOT NULL
  WHERE k.variant_id = ? ORDER BY e.entry_id DESC`;

interface StockRow {
  readonly variant_id: Buffer;
  readonly on_hand: number;
  readonly reserved: number;
  readonly sold: number;
}

interface EntryRow {
  readonly entry_id: Buffer;
  readonly variant_id: Buffer;
  readonly reason: StockReason;
  readonly on_hand_change: number;
  readonly reserved_change: number;
  readonly sold_change: number | string;
  readonly actor: string;
  readonly note: string;
  readonly create_time: string;
}

/** Stock as it is read. */
export function createStockQueries({ em }: Orm): StockQueries {
  return {
    find: async (variantIds, userId) => {
      const ids = variantIds.map((id) => writeId('var', id));
      type Row = StockRow & { role: StaffRole | null };
      const rows = await em.execute<Row[]>(FIND(ids), [writeId('usr', userId), ...ids]);
      return rows.map((row) => ({ ...toStock(row), role: row.role ?? undefined }));
    },
    findAdjustment: async (adjustmentId) => {
      const sql = `${ENTRIES} WHERE adjustment_id = ?`;
      const [row] = await em.execute<EntryRow[]>(sql, [writeId('adj', adjustmentId)]);
      return row && toEntry(row);
    },
    listEntries: async (variantId, userId, limit, before) => {
      const id = writeId('var', variantId);
      const until = before === undefined ? [] : [writeId('adj', before)];
      type Row = (EntryRow | { entry_id: null }) & { role: StaffRole | null };
      const rows = await em.execute<Row[]>(listEntries(before === undefined), [
        writeId('usr', userId),
        id,
        ...until,
        limit,
        id,
      ]);
      const [first] = rows;
      const entries = rows.filter((row) => row.entry_id !== null);
      return first && { role: first.role ?? undefined, entries: entries.map(toEntry) };
    },
  };
}

function toStock(row: StockRow): Stock {
  return { variantId: readId('var', row.variant_id), onHand: row.on_hand, reserved: row.reserved, sold: row.sold };
}

function toEntry(row: EntryRow): StockEntry {
  return {
    entryId: readId('adj', row.entry_id),
    variantId: readId('var', row.variant_id),
    reason: row.reason,
    onHandChange: row.on_hand_change,
    reservedChange: row.reserved_change,
    soldChange: Number(row.sold_change),
    actor: row.actor,
    note: row.note,
    createTime: readTime(row.create_time),
  };
}
