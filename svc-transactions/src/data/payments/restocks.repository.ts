import type { Restock, RestockQueue } from '../../domain/purchases/restock.ts';
import { readId, writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';

export const LOCK_DUE_RESTOCK = `SELECT refund_id, payment_id, \`lines\`, restock_attempts FROM refunds
  WHERE restock_time <= ? ORDER BY restock_time LIMIT 1 FOR UPDATE SKIP LOCKED`;
const RESERVATION = `SELECT reservation_id FROM purchases
  JOIN payments ON payments.purchase_id = purchases.purchase_id WHERE payments.payment_id = ?`;
const POSTPONE = 'UPDATE refunds SET restock_attempts = ?, restock_time = ? WHERE refund_id = ?';
const END = "UPDATE refunds SET restock = 'done', restock_time = NULL WHERE refund_id = ?";

interface Row {
  readonly refund_id: Buffer;
  readonly payment_id: Buffer;
  readonly lines: { readonly variantId: string; readonly quantity: number }[];
  readonly restock_attempts: number;
}

/** Refunded units that are due back in stock, in MySQL. */
export function createRestocks({ em }: Orm): RestockQueue {
  const postpone = async ({ refundId, attempts }: Pick<Restock, 'refundId' | 'attempts'>, time: Date) => {
    await em.execute(POSTPONE, [attempts, time, writeId('rfnd', refundId)]);
  };
  return {
    postpone,
    take: async (now, leaseTime) => {
      const [row] = await em.execute<Row[]>(LOCK_DUE_RESTOCK, [now]);
      if (!row) return undefined;
      const [purchase] = await em.execute<{ reservation_id: Buffer }[]>(RESERVATION, [row.payment_id]);
      if (!purchase) throw new Error('units are due back that no purchase has');
      const [refundId, attempts] = [readId('rfnd', row.refund_id), row.restock_attempts];
      await postpone({ refundId, attempts }, leaseTime);
      const lines = row.lines.map(({ variantId, quantity }) => ({ variantId, quantity }));
      return { refundId, reservationId: readId('res', purchase.reservation_id), lines, attempts };
    },
    end: async (refundId) => void (await em.execute(END, [writeId('rfnd', refundId)])),
  };
}
