import { DomainError } from '@malla/chassis/errors';
import { answer } from '../answer.ts';
import { newId } from '../ids.ts';
import { attemptNow } from '../payments/attempt.ts';
import { beginRefund } from '../payments/begin-refund.ts';
import {
  amountIn,
  amountTooLarge,
  type Money,
  type Payment,
  type Refund,
  refundableMinor,
} from '../payments/payment.ts';
import type { Once } from '../payments/ports.ts';
import type { Operation } from '../payments/provider.ts';
import { lockPayment, requireManager } from '../payments/read-payments.ts';
import { lockView, type PurchaseView } from './create-purchase.ts';
import type { BasketLine, PurchaseDeps } from './ports.ts';
import { type Purchase, purchaseNotFound, requireCaptured } from './purchase.ts';
import { allUnitsLeft, priceUnits, takeUnits } from './units-back.ts';

/** What is to be paid back: units, an amount, or all that is left. */
export interface RefundRequest {
  readonly lines: readonly BasketLine[];
  readonly amount: Money | undefined;
  readonly reason: string;
  readonly restock: boolean;
}

/** A refund, and its purchase. */
export interface RefundedPurchase extends PurchaseView {
  readonly refund: Refund;
}

/**
 * Pays back what was bought, or a part of it, as far as that can be done at once. For the store's owner and managers.
 * @throws DomainError `not-found` (PURCHASE_NOT_FOUND), `forbidden` (ROLE_MISSING), `invalid` (LINE_UNKNOWN, CURRENCY_MISMATCH),
 *   `precondition` (PURCHASE_STATE_WRONG, UNITS_TOO_MANY, REFUND_TOO_LARGE, NOTHING_TO_REFUND).
 */
export async function refundPurchase(
  purchaseId: string,
  callerId: string,
  request: RefundRequest,
  once: Once<RefundedPurchase>,
  deps: PurchaseDeps,
): Promise<RefundedPurchase> {
  const known = await deps.purchases.read(purchaseId);
  if (!known) throw purchaseNotFound();
  await requireManager(known.storeId, callerId, purchaseNotFound, deps);
  const refundId = newId.refund();
  const begun = await deps.transact(async () => {
    const subject = await once.begin(refundId);
    // A request that died after it began: the worker goes on with what it began.
    if (subject !== refundId) return { refundId: subject, operation: undefined };
    return { refundId, operation: await begin(purchaseId, refundId, request, deps) };
  });
  if (begun.operation) await attemptNow(begun.operation, deps);
  deps.reached('refund-purchase.to-be-answered');
  const told = await answer(async () => {
    const view = await lockView(purchaseId, deps);
    const refund = await deps.refunds.read(begun.refundId);
    if (!refund) throw new Error('a refund that was begun is not there');
    const refunded = { ...view, refund };
    await once.finish(refunded);
    return refunded;
  }, deps);
  deps.reached('refund-purchase.answered');
  return told;
}

async function begin(
  purchaseId: string,
  refundId: string,
  request: RefundRequest,
  deps: PurchaseDeps,
): Promise<Operation> {
  const purchase = await deps.purchases.lock(purchaseId);
  if (!purchase) throw purchaseNotFound();
  requireCaptured(purchase);
  const payment = await lockPayment(purchase.paymentId, deps);
  const { lines, amountMinor } = planRefund(
    purchase,
    payment,
    request,
    await deps.disputes.openMinor(payment.paymentId),
  );
  const unitsBack = takeUnits(purchase, lines);
  await deps.purchases.save({ ...purchase, unitsBack, updateTime: deps.clock.now() }, null);
  const restock = request.restock && lines.length > 0 ? 'wanted' : 'none';
  return beginRefund(payment, { refundId, amountMinor, reason: request.reason, lines, restock }, deps);
}

/** What a refund pays back, and for what. All that is left is less than its units cost when amounts were refunded before. */
function planRefund(purchase: Purchase, payment: Payment, { lines, amount }: RefundRequest, disputedMinor: bigint) {
  if (payment.capturedMinor === 0n) throw nothingToRefund('purchase_id', 'The purchase cost nothing.');
  const left = refundableMinor(payment, disputedMinor);
  const asked = amountIn(payment, amount);
  const isAll = lines.length === 0 && asked === undefined;
  const priced = priceUnits(purchase, isAll ? allUnitsLeft(purchase) : lines);
  const price = priced.reduce((sum, { subtotalMinor, taxMinor }) => sum + subtotalMinor + taxMinor, 0n);
  const amountMinor = isAll ? left : (asked ?? price);
  if (amountMinor > left || left < 1n) throw amountTooLarge('precondition', 'REFUND_TOO_LARGE', left);
  if (amountMinor < 1n) throw nothingToRefund('lines', 'These units cost nothing.');
  return { lines: priced, amountMinor };
}

function nothingToRefund(field: string, message: string): DomainError {
  const fields = [{ field, reason: 'NOTHING_TO_REFUND', description: 'leaves nothing to pay back' }];
  return new DomainError('precondition', 'NOTHING_TO_REFUND', message, { fields });
}
