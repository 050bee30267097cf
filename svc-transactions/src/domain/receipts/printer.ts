import type { ReceiptView } from './read-receipt.ts';

/** Draws receipts, as PDFs. */
export interface ReceiptPrinter {
  /**
   * Draws a receipt: the same bytes for the same receipt. Ends at once when `signal` aborts.
   * @throws DomainError `unavailable` (RECEIPTS_BUSY) when too many wait.
   */
  print(view: ReceiptView, signal: AbortSignal): Promise<Uint8Array>;
}
