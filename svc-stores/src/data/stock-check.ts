import { readId } from './columns.ts';
import type { Orm } from './orm.ts';
import { SOLD_CHANGE } from './sold-change.ts';

const BATCH = 1_000;
const PAGE = `SELECT variant_id, on_hand, reserved, sold FROM stock WHERE variant_id > ? ORDER BY variant_id LIMIT ${BATCH}`;
const SUMS = `SELECT k.variant_id, k.on_hand, k.reserved, k.sold,
    COALESCE(SUM(e.on_hand_change), 0) AS entry_on_hand, COALESCE(SUM(e.reserved_change), 0) AS entry_reserved,
    COALESCE(SUM(${SOLD_CHANGE}), 0) AS entry_sold
  FROM stock k LEFT JOIN stock_entries e ON e.variant_id = k.variant_id
  WHERE k.variant_id > ? AND k.variant_id <= ? GROUP BY k.variant_id
  HAVING k.on_hand <> entry_on_hand OR k.reserved <> entry_reserved OR k.sold <> entry_sold`;

/** A variant whose stock and log disagree. */
export interface StockFault {
  readonly variantId: string;
  readonly stock: { readonly onHand: number; readonly reserved: number; readonly sold: number };
  readonly entries: { readonly onHand: number; readonly reserved: number; readonly sold: number };
}

/**
 * Adds up the whole log of stock, a batch of variants at a time, and compares.
 * @returns where the figures disagree: nothing, unless somebody wrote past the service.
 */
export async function findStockFaults(orm: Orm): Promise<StockFault[]> {
  const em = orm.em.fork();
  const faults: StockFault[] = [];
  for (let after: Buffer = Buffer.alloc(16); ; ) {
    const batch = await em.execute<{ variant_id: Buffer }[]>(PAGE, [after]);
    const last = batch.at(-1);
    if (!last) return faults;
    // One statement reads stock and log as of one moment.
    const rows = await em.execute<Record<string, number | string>[]>(SUMS, [after, last.variant_id]);
    faults.push(...rows.map(toFault));
    after = last.variant_id;
  }
}

function toFault(row: Readonly<Record<string, unknown>>): StockFault {
  return {
    variantId: readId('var', row.variant_id as Buffer),
    stock: { onHand: Number(row.on_hand), reserved: Number(row.reserved), sold: Number(row.sold) },
    entries: {
      onHand: Number(row.entry_on_hand),
      reserved: Number(row.entry_reserved),
      sold: Number(row.entry_sold),
    },
  };
}
