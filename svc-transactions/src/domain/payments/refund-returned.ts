import { announceRefund } from '../webhooks/announce.ts';
import type { PaymentDeps } from './ports.ts';
import { readPayment } from './read-payments.ts';
import { books } from './settle.ts';

/**
 * A refund that succeeded has failed after all, as when a bank sends it back: the store has its money again. Has no effect on
 * any other operation, nor a second time. Within a transaction.
 */
export async function takeBack(operationId: string, deps: PaymentDeps): Promise<void> {
  const { operations, payments, refunds, clock } = deps;
  const told = await operations.refundOf(operationId);
  if (told) await deps.purchaseOf.lock(await readPayment(told.paymentId, deps));
  const payment = told && (await payments.lock(told.paymentId));
  const refund = payment && (await refunds.read(told.refundId));
  if (!payment || refund?.state !== 'succeeded') return;
  await books(deps).refundReturned(payment, refund);
  const failed = { ...refund, state: 'failed' } as const;
  await refunds.save(failed);
  await announceRefund(payment, failed, deps);
  const refundedMinor = payment.refundedMinor - refund.amountMinor;
  const saved = { ...payment, refundedMinor, updateTime: clock.now() };
  await payments.save(saved);
  await deps.purchaseOf.refundReturned(saved, failed);
}
