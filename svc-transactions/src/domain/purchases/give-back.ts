import { newId } from '../ids.ts';
import { attemptNow } from '../payments/attempt.ts';
import { beginRefund } from '../payments/begin-refund.ts';
import { beginVoid } from '../payments/let-go.ts';
import { type Payment, refundableMinor } from '../payments/payment.ts';
import type { Operation } from '../payments/provider.ts';
import { settleFree } from '../payments/settle.ts';
import type { PurchaseDeps } from './ports.ts';
import type { Purchase } from './purchase.ts';

/** Lets go of the money. @returns the payment as it is then. */
export async function letGo({ paymentId }: Purchase, deps: PurchaseDeps): Promise<Payment> {
  const operation = await deps.transact(async (): Promise<Operation | undefined> => {
    const payment = await lockPayment(paymentId, deps);
    const isFree = payment.state === 'authorised' && payment.amountMinor === 0n;
    if (isFree) return settleFree(payment, 'voided', deps);
    return ['created', 'authorised', 'requires-action'].includes(payment.state) ? beginVoid(payment, deps) : undefined;
  });
  if (operation) await attemptNow(operation, deps);
  return required(await deps.payments.read(paymentId));
}

/**
 * Pays back what was captured of a purchase that is being cancelled: people have done that at the provider, past Malla.
 * @returns how that stands: nothing is left, a refund is on its way, or the provider declined the last one.
 */
export async function payBack(
  { purchaseId, paymentId, state }: Purchase,
  deps: PurchaseDeps,
): Promise<'done' | 'pending' | 'declined'> {
  const operation = await deps.transact(async (): Promise<Operation | undefined> => {
    if ((await deps.purchases.lock(purchaseId))?.state !== state) return undefined;
    const payment = await lockPayment(paymentId, deps);
    const amountMinor = refundableMinor(payment, await deps.disputes.openMinor(paymentId));
    if (amountMinor < 1n) return undefined;
    return beginRefund(payment, { refundId: newId.refund(), amountMinor, reason: 'The purchase was given up.' }, deps);
  });
  if (operation) await attemptNow(operation, deps);
  const payment = required(await deps.payments.read(paymentId));
  if (payment.refundsPendingMinor > 0n) return 'pending';
  return refundableMinor(payment, await deps.disputes.openMinor(paymentId)) > 0n ? 'declined' : 'done';
}

/** Finds and locks the payment of a purchase, within a transaction. */
export async function lockPayment(paymentId: string, { payments }: PurchaseDeps): Promise<Payment> {
  return required(await payments.lock(paymentId));
}

export function required(payment: Payment | undefined): Payment {
  if (!payment) throw new Error('a purchase has no payment');
  return payment;
}
