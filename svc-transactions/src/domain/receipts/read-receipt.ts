import type { Payment, Refund } from '../payments/payment.ts';
import { lockPayment } from '../payments/read-payments.ts';
import { getPurchase } from '../purchases/change-purchase.ts';
import type { PurchaseDeps } from '../purchases/ports.ts';
import { type Purchase, purchaseNotFound, requireCaptured } from '../purchases/purchase.ts';
import type { Receipt } from './receipt.ts';

/** A receipt shows no more than the latest. */
const REFUNDS_MAX = 100;

/** A receipt, and all that stands on it. */
export interface ReceiptView {
  readonly receipt: Receipt;
  readonly purchase: Purchase;
  readonly payment: Payment;
  /** Those that were paid back, oldest first. */
  readonly refunds: readonly Refund[];
}

/**
 * Reads the receipt of a purchase for who bought, and for the staff of the store. A purchase that was captured by a version
 * without receipts gets its own now.
 * @throws DomainError `not-found` (PURCHASE_NOT_FOUND), `precondition` (PURCHASE_STATE_WRONG).
 */
export async function readReceipt(purchaseId: string, userId: string, deps: PurchaseDeps): Promise<ReceiptView> {
  requireCaptured((await getPurchase(purchaseId, userId, deps)).purchase);
  // Refunds and disputes take the same locks: what the receipt says of them is of one moment.
  return deps.transact(async () => {
    const purchase = await deps.purchases.lock(purchaseId);
    if (!purchase) throw purchaseNotFound();
    const payment = await lockPayment(purchase.paymentId, deps);
    const refunds = (await deps.refunds.listPaid(payment.paymentId, REFUNDS_MAX)).reverse();
    return { receipt: await receiptOf(purchase, deps), purchase, payment, refunds };
  });
}

async function receiptOf(purchase: Purchase, { receipts, clock }: PurchaseDeps): Promise<Receipt> {
  const known = await receipts.read(purchase.purchaseId);
  if (known) return known;
  await receipts.issue(purchase, clock.now());
  const issued = await receipts.read(purchase.purchaseId);
  if (!issued) throw new Error('a receipt that was issued is not there');
  return issued;
}
