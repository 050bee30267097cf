import { DomainError } from '@malla/chassis/errors';
import { plus } from '../clock.ts';
import { newId } from '../ids.ts';
import { attemptNow } from './attempt.ts';
import {
  amountIn,
  type Payment,
  paymentNotFound,
  type Refund,
  refundableMinor,
  requireOwnLife,
  requireState,
} from './payment.ts';
import { requireDefaultMethod, requireMethod } from './payment-methods.ts';
import type { Once, PaymentDeps } from './ports.ts';
import type { Operation } from './provider.ts';
import { requireStaffOf } from './read-payments.ts';
import { begin, books } from './settle.ts';

/** An amount as a request names it. */
interface Money {
  readonly currencyCode: string;
  readonly amountMinor: bigint;
}

/**
 * Asks the provider to authorise a payment, or what became of the action that it wanted.
 * @param paymentMethodId empty for the payment's own, or else the user's default one.
 * @throws DomainError `not-found` (PAYMENT_NOT_FOUND, PAYMENT_METHOD_NOT_FOUND), `precondition` (PAYMENT_STATE_WRONG,
 *   PAYMENT_METHOD_MISSING).
 */
export async function confirmPayment(
  paymentId: string,
  userId: string,
  paymentMethodId: string,
  once: Once<Payment>,
  deps: PaymentDeps,
): Promise<Payment> {
  return change(paymentId, once, deps, async (payment) => {
    if (payment.userId !== userId) throw paymentNotFound();
    requireState(payment, 'created', 'requires-action');
    if (payment.state === 'requires-action') {
      const waiting = await deps.operations.findOpenOf(paymentId);
      return waiting && { ...waiting, attempts: waiting.attempts + 1 };
    }
    requireOwnLife(payment);
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
  await requireStaffOf(await read(paymentId, deps), deps);
  return change(paymentId, once, deps, async (payment) => {
    requireOwnLife(payment);
    requireState(payment, 'authorised');
    const amountMinor = amountIn(payment, amount) ?? payment.amountMinor;
    if (amountMinor > payment.amountMinor) throw tooLarge('invalid', 'AMOUNT_TOO_LARGE', payment.amountMinor);
    return begin(payment, 'capture', amountMinor, '', deps);
  });
}

/**
 * Lets go what is authorised. For who pays and for the store's staff.
 * @throws DomainError `not-found` (PAYMENT_NOT_FOUND), `precondition` (PAYMENT_STATE_WRONG).
 */
export async function voidPayment(
  paymentId: string,
  userId: string,
  once: Once<Payment>,
  deps: PaymentDeps,
): Promise<Payment> {
  const known = await read(paymentId, deps);
  if (known.userId !== userId) await requireStaffOf(known, deps);
  return change(paymentId, once, deps, async (payment) => {
    requireOwnLife(payment);
    requireState(payment, 'authorised');
    return begin(payment, 'void', payment.amountMinor, '', deps);
  });
}

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
  await requireStaffOf(await read(paymentId, deps), deps);
  const refundId = newId.refund();
  const begun = await deps.transact(async () => {
    const subject = await once.begin(refundId);
    // A request that died after it began: the worker goes on with what it began.
    if (subject !== refundId) return { refundId: subject, operation: undefined };
    const payment = await lock(paymentId, deps);
    requireState(payment, 'captured');
    const left = refundableMinor(payment);
    const amountMinor = amountIn(payment, amount) ?? left;
    if (amountMinor > left || left < 1n) throw tooLarge('precondition', 'REFUND_TOO_LARGE', left);
    return { refundId, operation: await beginRefund(payment, refundId, amountMinor, reason, deps) };
  });
  if (begun.operation) await attemptNow(begun.operation, deps);
  return deps.transact(async () => {
    const refund = await deps.refunds.read(begun.refundId);
    if (!refund) throw new Error('a refund that was begun is not there');
    await once.finish(refund);
    return refund;
  });
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
  const operation: Operation = {
    ...{ operationId: newId.operation(), paymentId, kind: 'refund', amountMinor, currencyCode },
    ...{ token: '', refundId, attempts: 0 },
  };
  await deps.operations.add(operation, plus(now, deps.operationLeaseMs));
  return operation;
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
    const payment = await lock(paymentId, deps);
    return isNew ? start(payment) : undefined;
  });
  if (operation) await attemptNow(operation, deps);
  return deps.transact(async () => {
    const payment = await read(paymentId, deps);
    await once.finish(payment);
    return payment;
  });
}

async function lock(paymentId: string, { payments }: PaymentDeps): Promise<Payment> {
  const payment = await payments.lock(paymentId);
  if (!payment) throw paymentNotFound();
  return payment;
}

async function read(paymentId: string, { payments }: PaymentDeps): Promise<Payment> {
  const payment = await payments.read(paymentId);
  if (!payment) throw paymentNotFound();
  return payment;
}

function tooLarge(kind: 'invalid' | 'precondition', reason: string, maxMinor: bigint): DomainError {
  const description = `must be at most ${maxMinor}`;
  const fields = [{ field: 'amount.amount_minor', reason, description }];
  const message = 'The amount is more than there is.';
  return new DomainError(kind, reason, message, { fields, metadata: { left_minor: `${maxMinor}` } });
}
