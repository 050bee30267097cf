import type { Purchase } from '../purchases/purchase.ts';

/** The receipt of a purchase. What it says of it is the purchase's own. */
export interface Receipt {
  readonly purchaseId: string;
  /** Of UTC: the series that the number is of. */
  readonly year: number;
  /** From 1, without gaps for each store and year. */
  readonly number: number;
  readonly issueTime: Date;
}

/** Receipts, of which each purchase has one at most. */
export interface Receipts {
  read(purchaseId: string): Promise<Receipt | undefined>;
  /**
   * Gives a purchase that is locked, and has none, the next number of its store and year, within a transaction: number and
   * purchase are committed together or not at all. Whoever comes next for the store waits for the end of the transaction, so
   * nothing else should follow in it.
   */
  issue(purchase: Pick<Purchase, 'purchaseId' | 'storeId'>, now: Date): Promise<void>;
}

const DIGITS_MIN = 6;

/** What the receipt is called as a file. */
export function fileNameOf(receipt: Receipt): string {
  return `receipt-${numberOf(receipt)}.pdf`;
}

/** The number as people read it: `2026-000042`. */
export function numberOf({ year, number }: Receipt): string {
  return `${year}-${String(number).padStart(DIGITS_MIN, '0')}`;
}
