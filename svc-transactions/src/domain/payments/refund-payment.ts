import { answer } from '../answer.ts';
import { newId } from '../ids.ts';
import { attemptNow } from './attempt.ts';
import { beginRefund } from './begin-refund.ts';
import {
  amountIn,
  amountTooLarge,
  type Money,
  paymentNotFound,
  type Refund,
  refundableMinor,
  requireState,
} from './payment.ts';
import type { Once, PaymentDeps } from './ports.ts';
import { lockPayment, readPayment, requireManager } from './read-payments.ts';

/**
 * Pays back what was captured, or a part of it. For the store's owner and managers. The purchase of the payment follows.
 * @throws DomainError `not-found` (PAYMENT_NOT_FOUND), `forbidden` (ROLE_MISSING), `precondition` (PAYMENT_STATE_WRONG,
 *   PURCHASE_STATE_WRONG, REFUND_TOO_LARGE), `invalid` (CURRENCY_MISMATCH).
 */
export async function refundPayment(
  paymentId: string,
  callerId: string,
  amount: Money | undefined,
  reason: string,
  once: Once<Refund>,
  deps: PaymentDeps,
): Promise<Refund> {
  const known = await readPayment(paymentId, deps);
  await requireManager(known.storeId, callerId, paymentNotFound, deps);
  const refundId = newId.refund();
  const begun = await deps.transact(async () => {
    const subject = await once.begin(refundId);
    // A request that died after it began: the worker goes on with what it began.
    if (subject !== refundId) return { refundId: subject, operation: undefined };
    await deps.purchaseOf.lock(known);
    const payment = await lockPayment(paymentId, deps);
    requireState(payment, 'captured');
    const left = refundableMinor(payment, await deps.disputes.openMinor(paymentId));
    const amountMinor = amountIn(payment, amount) ?? left;
    if (amountMinor > left || left < 1n) throw amountTooLarge('precondition', 'REFUND_TOO_LARGE', left);
    return { refundId, operation: await beginRefund(payment, { refundId, amountMinor, reason }, deps) };
  });
  if (begun.operation) await attemptNow(begun.operation, deps);
  deps.reached('refund-payment.to-be-answered');
  const told = await answer(async () => {
    const refund = await deps.refunds.read(begun.refundId);
    if (!refund) throw new Error('a refund that was begun is not there');
    await once.finish(refund);
    return refund;
  }, deps);
  deps.reached('refund-payment.answered');
  return told;
}
