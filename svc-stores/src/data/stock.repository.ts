import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { newId } from '../domain/ids.ts';
import { adjustmentMismatch } from '../domain/manage-stock.ts';
import type { ProductState } from '../domain/product.ts';
import type { AdjustmentIds, LockedStock, Stock, StockCause, StockChange, StockKeeping } from '../domain/stock.ts';
import type { StoreState } from '../domain/store.ts';
import { marks, readId, writeId } from './columns.ts';
import { insertMany } from './insert-many.ts';
import type { Orm } from './orm.ts';

/** The primary key is walked upwards, and so everybody locks the rows of a basket in the same order. */
export const lockStock = (
  ids: readonly Buffer[],
) => `SELECT stock.variant_id, stock.product_id, on_hand, reserved, sold,
    p.state AS product_state, s.state AS store_state
  FROM stock FORCE INDEX (PRIMARY)
  LEFT JOIN products p ON p.product_id = stock.product_id
  LEFT JOIN stores s ON s.store_id = stock.store_id
  WHERE stock.variant_id IN (${marks(ids)}) ORDER BY stock.variant_id FOR UPDATE OF stock`;
const INSERT_STOCK = 'INSERT INTO stock (variant_id, product_id, store_id, on_hand, reserved, sold)';
const INSERT_ENTRIES = `INSERT INTO stock_entries (entry_id, variant_id, reason, on_hand_change, reserved_change, sold_change, actor,
  note, create_time, adjustment_id)`;
/** One look-up for each variant, under whose lock it runs, and not its log, which may have a million entries. */
export const EVER_SOLD = (
  ids: readonly Buffer[],
) => `SELECT k.variant_id FROM stock k WHERE k.variant_id IN (${marks(ids)})
  AND (SELECT 1 FROM stock_entries e WHERE e.variant_id = k.variant_id AND e.reason = 'sold' LIMIT 1) IS NOT NULL`;
const INSERT_QUEUE = 'INSERT INTO catalog_queue (product_id)';

interface StockRow {
  readonly variant_id: Buffer;
  readonly product_id: Buffer;
  readonly on_hand: number;
  readonly reserved: number;
  readonly sold: number;
  readonly product_state: ProductState;
  readonly store_state: StoreState;
}

/** Stock in MySQL, and the log that tells how it came to be. */
export function createStockKeeping({ em }: Orm): StockKeeping {
  const lock = async (variantIds: readonly string[]) => {
    if (variantIds.length === 0) return new Map<string, LockedStock>();
    const ids = variantIds.map((id) => writeId('var', id));
    const rows = await em.execute<StockRow[]>(lockStock(ids), ids);
    return new Map(rows.map((row) => [readId('var', row.variant_id), toLockedStock(row)]));
  };
  return {
    lock,
    open: async (products, userId, now) => {
      const variants = products.flatMap(({ variants, ...ids }) => variants.map((variant) => ({ ...variant, ...ids })));
      const stock = variants.map(({ variantId, productId, storeId, initialStock }) => [
        writeId('var', variantId),
        writeId('prod', productId),
        writeId('store', storeId),
        initialStock,
        0,
        0,
      ]);
      await insertMany(em, INSERT_STOCK, stock);
      const stocked = variants.filter(({ initialStock }) => initialStock > 0);
      const entries = stocked.map(({ variantId, initialStock }) =>
        entryValues(
          { variantId, onHand: initialStock, reserved: 0, sold: 0 },
          { reason: 'received', actor: userId, note: 'at first', time: now },
        ),
      );
      await insertMany(em, INSERT_ENTRIES, entries);
    },
    close: async (variantIds) => {
      const locked = await lock(variantIds);
      const busy = [...locked.values()]
        .filter(({ sold, reserved }) => sold > 0 || reserved > 0)
        .map(({ variantId }) => variantId);
      const ids = [...locked.keys()].map((id) => writeId('var', id));
      if (ids.length === 0) return [];
      // What was sold and came back was sold all the same: orders and receipts tell of it.
      const everSold = await em.execute<Pick<StockRow, 'variant_id'>[]>(EVER_SOLD(ids), ids);
      const inUse = new Set([...busy, ...everSold.map(({ variant_id }) => readId('var', variant_id))]);
      if (inUse.size === 0) await em.execute(`DELETE FROM stock WHERE variant_id IN (${marks(ids)})`, ids);
      return [...inUse];
    },
    change: async (locked, changes, cause, adjustment) => {
      if (changes.length === 0) return;
      const entries = changes.map((change) => entryValues(change, cause, adjustment));
      await em.execute(updateOf(changes), updateValues(changes));
      await insertMany(em, INSERT_ENTRIES, entries).catch((error: unknown) => {
        throw adjustment && error instanceof UniqueConstraintViolationException ? adjustmentMismatch() : error;
      });
      const turned = changes.filter((change) => turns(locked.get(change.variantId), change));
      const products = new Set(turned.map(({ variantId }) => locked.get(variantId)?.productId ?? ''));
      await insertMany(
        em,
        INSERT_QUEUE,
        [...products].map((productId) => [writeId('prod', productId)]),
      );
    },
  };
}

/** One statement for all rows, so that they stay locked for as short as can be. */
function updateOf(changes: readonly StockChange[]): string {
  const whens = changes.map(() => 'WHEN ? THEN ?').join(' ');
  const by = (column: string) => `${column} = ${column} + CASE variant_id ${whens} END`;
  return `UPDATE stock SET ${by('on_hand')}, ${by('reserved')}, ${by('sold')} WHERE variant_id IN (${marks(changes)})`;
}

function updateValues(changes: readonly StockChange[]) {
  const ids = changes.map(({ variantId }) => writeId('var', variantId));
  const by = (field: 'onHand' | 'reserved' | 'sold') => changes.flatMap((change, at) => [ids[at], change[field]]);
  return [...by('onHand'), ...by('reserved'), ...by('sold'), ...ids];
}

function entryValues(
  { variantId, onHand, reserved, sold }: StockChange,
  { reason, actor, note, time }: StockCause,
  { entryId, adjustmentId }: AdjustmentIds = { entryId: newId.stockEntry(), adjustmentId: '' },
) {
  const [id, variant] = [writeId('adj', entryId), writeId('var', variantId)];
  const adjustment = adjustmentId === '' ? id : writeId('adj', adjustmentId);
  return [id, variant, reason, onHand, reserved, sold, actor, note, time, adjustment];
}

/** Whether the last unit goes or the first one comes. */
function turns(stock: Stock | undefined, change: StockChange): boolean {
  if (!stock) return false;
  const before = stock.onHand - stock.reserved;
  return before > 0 !== before + change.onHand - change.reserved > 0;
}

function toLockedStock(row: StockRow): LockedStock {
  return {
    variantId: readId('var', row.variant_id),
    onHand: row.on_hand,
    reserved: row.reserved,
    sold: row.sold,
    productId: readId('prod', row.product_id),
    productState: row.product_state,
    storeState: row.store_state,
  };
}
