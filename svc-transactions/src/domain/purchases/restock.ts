import type { BasketLine, PurchaseDeps } from './ports.ts';

/** Refunded units on their way back into stock. */
export interface Restock {
  readonly refundId: string;
  readonly reservationId: string;
  readonly lines: readonly BasketLine[];
  readonly attempts: number;
}

export interface RestockQueue {
  /** Takes what has been due the longest, and makes it due again at `leaseTime`. Within a transaction. */
  take(now: Date, leaseTime: Date): Promise<Restock | undefined>;
  postpone(restock: Pick<Restock, 'refundId' | 'attempts'>, time: Date): Promise<void>;
  end(refundId: string): Promise<void>;
}

/** Takes the units of a refund back into stock: once, since the return has the id of the refund. */
export async function restock(
  { refundId, reservationId, lines }: Restock,
  { stock, reached }: Pick<PurchaseDeps, 'stock' | 'reached'>,
): Promise<void> {
  reached('restock.taken');
  await stock.takeBack(refundId, reservationId, lines);
  reached('restock.done');
}
