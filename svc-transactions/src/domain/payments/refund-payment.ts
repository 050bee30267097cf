import { plus } from '../clock.ts';
import { newId } from '../ids.ts';
import { announceRefund } from '../webhooks/announce.ts';
import { attemptNow } from './attempt.ts';
import {
  amountIn,
  amountTooLarge,
  type Money,
  type Payment,
  type Refund,
  refundableMinor,
  requireState,
} from './payment.ts';
import type { Once, PaymentDeps } from './ports.ts';
import type { Operation } from './provider.ts';
import { lockPayment, readPayment, requireStaffOf } from './read-payments.ts';
import { books } from './settle.ts';

/**
 * Pays back what was captured, or a part of it. For the store's staff.
 * @throws DomainError `not-found` (PAYMENT_NOT_FOUND), `precondition` (PAYMENT_STATE_WRONG, REFUND_TOO_LARGE), `invalid`
 *   (CURRENCY_MISMATCH).
 */
export async function refundPayment(
  paymentId: string,
  amount: Money | undefined,
  reason: string,
  once: Once<Refund>,
  deps: PaymentDeps,
): Promise<Refund> {
  await requireStaffOf(await readPayment(paymentId, deps), deps);
  const refundId = newId.refund();
  const begun = await deps.transact(async () => {
    const subject = await once.begin(refundId);
    // A request that died after it began: the worker goes on with what it began.
    if (subject !== refundId) return { refundId: subject, operation: undefined };
    const payment = await lockPayment(paymentId, deps);
    requireState(payment, 'captured');
    const left = refundableMinor(payment);
    const amountMinor = amountIn(payment, amount) ?? left;
    if (amountMinor > left || left < 1n) throw amountTooLarge('precondition', 'REFUND_TOO_LARGE', left);
    return { refundId, operation: await beginRefund(payment, refundId, amountMinor, reason, deps) };
  });
  if (begun.operation) await attemptNow(begun.operation, deps);
  deps.reached('refund-payment.to-be-answered');
  const told = await deps.transact(async () => {
    const refund = await deps.refunds.read(begun.refundId);
    if (!refund) throw new Error('a refund that was begun is not there');
    await once.finish(refund);
    return refund;
  });
  deps.reached('refund-payment.answered');
  return told;
}

async function beginRefund(
  payment: Payment,
  refundId: string,
  amountMinor: bigint,
  reason: string,
  deps: PaymentDeps,
): Promise<Operation> {
  const { paymentId, currencyCode } = payment;
  const now = deps.clock.now();
  const refund: Refund = { refundId, paymentId, currencyCode, amountMinor, state: 'pending', reason, createTime: now };
  await deps.refunds.add(refund);
  const refundsPendingMinor = payment.refundsPendingMinor + amountMinor;
  await deps.payments.save({ ...payment, refundsPendingMinor, updateTime: now });
  await books(deps).refundBegun(payment, refund);
  await announceRefund(payment, refund, deps);
  const operation: Operation = {
    ...{ operationId: newId.operation(), paymentId, kind: 'refund', amountMinor, currencyCode },
    ...{ token: '', reference: payment.providerReference, refundId, attempts: 0 },
  };
  await deps.operations.add(operation, plus(now, deps.operationLeaseMs));
  return operation;
}
