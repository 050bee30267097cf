import { answer } from '../answer.ts';
import { newId } from '../ids.ts';
import { attemptNow } from './attempt.ts';
import { requireCurrentCurrency } from './currency.ts';
import { beginVoid } from './let-go.ts';
import {
  amountIn,
  amountTooLarge,
  type Money,
  type Payment,
  paymentNotFound,
  requireOwnLife,
  requireState,
} from './payment.ts';
import { requireDefaultMethod, requireMethod } from './payment-methods.ts';
import type { Once, PaymentDeps } from './ports.ts';
import type { Operation } from './provider.ts';
import { lockPayment, readPayment, requireStaffOf } from './read-payments.ts';
import { begin } from './settle.ts';

/**
 * Asks the provider to authorise a payment, or what became of the action that it wanted.
 * @param paymentMethodId empty for the payment's own, or else the user's default one.
 * @throws DomainError `not-found` (PAYMENT_NOT_FOUND, PAYMENT_METHOD_NOT_FOUND), `precondition` (PAYMENT_STATE_WRONG,
 *   PAYMENT_METHOD_MISSING, STORE_CLOSED), `invalid` (CURRENCY_UNKNOWN: it has ended since the payment was created).
 */
export async function confirmPayment(
  paymentId: string,
  userId: string,
  paymentMethodId: string,
  once: Once<Payment>,
  deps: PaymentDeps,
): Promise<Payment> {
  const known = await readPayment(paymentId, deps);
  if (known.userId !== userId) throw paymentNotFound();
  // A store may have closed since the payment was created.
  const isSingle = known.purchaseId === '';
  if (isSingle && known.state === 'created') await deps.storeDirectory.requireOpenStore(known.storeId, 'payment_id');
  return change(paymentId, once, deps, async (payment) => {
    requireState(payment, 'created', 'requires-action');
    if (payment.state === 'requires-action') {
      const waiting = await deps.operations.findOpenOf(paymentId);
      return waiting && { ...waiting, attempts: waiting.attempts + 1 };
    }
    requireOwnLife(payment);
    requireCurrentCurrency(payment.currencyCode, 'payment_id');
    const chosen = paymentMethodId || payment.paymentMethodId;
    const method = chosen ? await requireMethod(userId, chosen, deps) : await requireDefaultMethod(userId, deps);
    const confirmed = { ...payment, paymentMethodId: method.paymentMethodId };
    return begin(confirmed, 'authorise', payment.amountMinor, method.token, deps);
  });
}

/**
 * Takes what is authorised, or a part of it. For the store's staff.
 * @throws DomainError `not-found` (PAYMENT_NOT_FOUND), `precondition` (PAYMENT_STATE_WRONG), `invalid` (AMOUNT_TOO_LARGE,
 *   CURRENCY_MISMATCH).
 */
export async function capturePayment(
  paymentId: string,
  amount: Money | undefined,
  once: Once<Payment>,
  deps: PaymentDeps,
): Promise<Payment> {
  await requireStaffOf(await readPayment(paymentId, deps), deps);
  return change(paymentId, once, deps, async (payment) => {
    requireOwnLife(payment);
    requireState(payment, 'authorised');
    const amountMinor = amountIn(payment, amount) ?? payment.amountMinor;
    if (amountMinor > payment.amountMinor) throw amountTooLarge('invalid', 'AMOUNT_TOO_LARGE', payment.amountMinor);
    return begin(payment, 'capture', amountMinor, '', deps);
  });
}

/**
 * Lets go what is authorised, and gives up what was not confirmed yet or waits for an action of the user. For who pays and for the store's staff.
 * @throws DomainError `not-found` (PAYMENT_NOT_FOUND), `precondition` (PAYMENT_STATE_WRONG).
 */
export async function voidPayment(
  paymentId: string,
  userId: string,
  once: Once<Payment>,
  deps: PaymentDeps,
): Promise<Payment> {
  const known = await readPayment(paymentId, deps);
  if (known.userId !== userId) await requireStaffOf(known, deps);
  return change(paymentId, once, deps, async (payment) => {
    requireOwnLife(payment);
    requireState(payment, 'created', 'requires-action', 'authorised');
    return beginVoid(payment, deps);
  });
}

/**
 * Changes a payment by an operation of the provider: `start` begins it under the payment's lock, and the provider is asked
 * after that has been committed. The answer is the payment as it is then, whether the provider told or not.
 */
async function change(
  paymentId: string,
  once: Once<Payment>,
  deps: PaymentDeps,
  start: (payment: Payment) => Promise<Operation | undefined>,
): Promise<Payment> {
  const subject = newId.operation();
  const operation = await deps.transact(async () => {
    const isNew = (await once.begin(subject)) === subject;
    const payment = await lockPayment(paymentId, deps);
    return isNew ? start(payment) : undefined;
  });
  if (operation) await attemptNow(operation, deps);
  deps.reached('change-payment.to-be-answered');
  const changed = await answer(async () => {
    const payment = await readPayment(paymentId, deps);
    await once.finish(payment);
    return payment;
  }, deps);
  deps.reached('change-payment.answered');
  return changed;
}
