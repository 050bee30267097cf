import type { Databases } from '../databases.ts';
import type { Market } from '../market.ts';
import { id, type PurchaseRecord, type UnitsBack } from '../records.ts';

type Lines = PurchaseRecord['lines'];

const STOCK = `SELECT stock.variant_id, on_hand, reserved, CAST(sold AS SIGNED) AS sold,
    CAST(SUM(on_hand_change) AS SIGNED) AS logged, CAST(SUM(reserved_change) AS SIGNED) AS logged_reserved,
    CAST(SUM(sold_change) AS SIGNED) AS logged_sold
  FROM stock JOIN stock_entries ON stock_entries.variant_id = stock.variant_id GROUP BY stock.variant_id`;

/** What was sold is gone, all else is there, nothing is kept for anybody, and the log of stock adds up to the same. */
export async function stockFaults(
  { stores }: Databases,
  purchases: readonly PurchaseRecord[],
  unitsBack: readonly UnitsBack[],
  { stocked }: Market,
): Promise<string[]> {
  const sold = count(purchases.filter(({ state }) => state === 'captured').map(({ lines }) => lines));
  const back = count(unitsBack.filter(({ restocked }) => restocked).map(({ lines }) => lines));
  const rows = await stores.rows<Record<string, unknown>>(STOCK);
  const found = new Map(rows.map(({ variant_id: bytes, ...row }) => [id('var', bytes), row]));
  return [...stocked].flatMap(([variantId, atFirst]) => {
    const gone = (sold.get(variantId) ?? 0) - (back.get(variantId) ?? 0);
    const left = atFirst - gone;
    const wanted = { on_hand: left, reserved: 0, sold: gone, logged: left, logged_reserved: 0, logged_sold: gone };
    const row = found.get(variantId);
    return JSON.stringify(row) === JSON.stringify(wanted)
      ? []
      : [`stock: ${JSON.stringify({ variantId, row, wanted })}`];
  });
}

function count(all: readonly Lines[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { variantId, quantity } of all.flat()) counts.set(variantId, (counts.get(variantId) ?? 0) + quantity);
  return counts;
}
