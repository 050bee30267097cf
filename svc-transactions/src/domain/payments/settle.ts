import { plus } from '../clock.ts';
import { newId } from '../ids.ts';
import { announcePayment, announceRefund } from '../webhooks/announce.ts';
import { createBookkeeping } from './bookkeeping.ts';
import type { Payment, PaymentState, Refund } from './payment.ts';
import type { PaymentDeps } from './ports.ts';
import type { Operation, OperationKind, Outcome } from './provider.ts';
import { readPayment } from './read-payments.ts';

/** An authorisation or a challenge that was over for so long is gone, whatever the provider says: a day. */
export const OVER_FOR_GOOD_MS = 86_400_000;
/** When a provider is asked again whose clock is behind, or that waits for a challenge for longer than it said; later each time. */
const SOON_MS = 1_000;

/**
 * Writes down what became of an operation: once, whoever tells it and however often. Within a transaction.
 * @returns an operation that follows from it, for whoever is here to try at once.
 */
export async function settle(operationId: string, outcome: Outcome, deps: PaymentDeps): Promise<Operation | undefined> {
  const told = await deps.operations.findOpen(operationId);
  if (told?.kind === 'refund') await deps.purchaseOf.lock(await readPayment(told.paymentId, deps));
  const payment = told && (await deps.payments.lock(told.paymentId));
  // It may have been settled while the lock was waited for.
  const operation = payment && (await deps.operations.findOpen(operationId));
  if (!operation) return undefined;
  if (outcome.status !== 'action') await deps.operations.close(operationId);
  if (operation.kind === 'refund') return settleRefund(operation, payment, outcome, deps);
  if (outcome.status === 'taken') return settleTaken(payment, outcome, deps);
  return SETTLERS[operation.kind](payment, operation, outcome, deps);
}

/** Begins an operation of a payment that is locked, and saves the payment as pending. */
export async function begin(
  payment: Payment,
  kind: OperationKind,
  amountMinor: bigint,
  token: string,
  deps: PaymentDeps,
): Promise<Operation> {
  const { paymentId, currencyCode, providerReference: reference } = payment;
  const operationId = newId.operation();
  const asked = { operationId, paymentId, kind, amountMinor, currencyCode, token, reference };
  const operation: Operation = { ...asked, refundId: '', attempts: 0 };
  await deps.operations.add(operation, plus(deps.clock.now(), deps.operationLeaseMs));
  await save(payment, 'pending', deps, { declineCode: '' });
  return operation;
}

/**
 * Writes down that the money of a payment that is locked was captured by other hands than ours, which nobody can undo: as much as
 * the provider says.
 * @throws Error when that is more than there is: for people to look at.
 */
export async function settleTaken(
  payment: Payment,
  { amountMinor, reference }: { readonly amountMinor: bigint; readonly reference: string },
  deps: PaymentDeps,
): Promise<undefined> {
  if (amountMinor > payment.amountMinor) throw movedPastMalla(amountMinor, reference);
  await books(deps).captured(payment, amountMinor);
  const changes = { capturedMinor: amountMinor, providerReference: reference, authorisationExpireTime: null };
  return save(payment, 'captured', deps, changes);
}

export function movedPastMalla(amountMinor: bigint, reference: string): Error {
  return new Error(`money was moved past Malla: ${amountMinor} of ${reference} were captured`);
}

/** What costs nothing, or was not asked for yet, is done without the provider and the ledger. Of a payment that is locked. */
export async function settleFree(
  payment: Payment,
  state: 'authorised' | 'captured' | 'voided',
  deps: PaymentDeps,
): Promise<undefined> {
  return save(payment, state, deps);
}

/** The `decline_code` of a payment whose method its user removed before anything was asked of the provider. */
export const METHOD_GONE = 'payment_method_gone';

/** What there is nothing to pay with fails without the provider. Of a payment that is locked. */
export async function settleGone(payment: Payment, deps: PaymentDeps): Promise<undefined> {
  return save(payment, 'failed', deps, { declineCode: METHOD_GONE });
}

type Settler = (
  payment: Payment,
  operation: Operation,
  outcome: Exclude<Outcome, { status: 'taken' }>,
  deps: PaymentDeps,
) => Promise<Operation | undefined>;

const SETTLERS: Readonly<Record<Exclude<OperationKind, 'refund'>, Settler>> = {
  authorise: async (payment, operation, outcome, deps) => {
    if (outcome.status === 'declined') return save(payment, 'failed', deps, { declineCode: outcome.declineCode });
    if (outcome.status === 'action') {
      const { actionUrl, expireTime, reference } = outcome;
      const overMs = deps.clock.now().getTime() - expireTime.getTime();
      if (overMs >= OVER_FOR_GOOD_MS)
        return endChallenge({ ...payment, providerReference: reference }, operation, deps);
      const nextTryTime = overMs < 0 ? expireTime : plus(deps.clock.now(), Math.max(SOON_MS, overMs));
      await deps.operations.postpone({ ...operation, reference }, nextTryTime);
      return save(payment, 'requires-action', deps, { actionUrl, providerReference: reference });
    }
    const { expireTime, reference: providerReference } = outcome;
    await books(deps).authorised(payment, expireTime);
    const told = { authorisationExpireTime: expireTime, providerReference };
    if (payment.captureMethod === 'manual') return save(payment, 'authorised', deps, told);
    const authorised: Payment = { ...payment, ...told, outcomeUnknown: false, actionUrl: '' };
    return begin(authorised, 'capture', payment.amountMinor, '', deps);
  },
  capture: async (payment, { amountMinor }, outcome, deps) => {
    if (outcome.status !== 'succeeded') return backToAuthorised(payment, outcome, deps);
    await books(deps).captured(payment, amountMinor);
    return save(payment, 'captured', deps, { capturedMinor: amountMinor, authorisationExpireTime: null });
  },
  void: (payment, _operation, outcome, deps) => release(payment, 'voided', outcome, deps),
  expire: (payment, _operation, outcome, deps) => release(payment, 'expired', outcome, deps),
};

/** A challenge that was over for a day is waited for no longer, should the provider still do so: it is told to let go. */
async function endChallenge(payment: Payment, authorise: Operation, deps: PaymentDeps): Promise<Operation> {
  await deps.operations.close(authorise.operationId);
  return begin(payment, 'expire', payment.amountMinor, '', deps);
}

async function release(payment: Payment, state: PaymentState, outcome: Outcome, deps: PaymentDeps): Promise<undefined> {
  if (outcome.status !== 'succeeded') return backToAuthorised(payment, outcome, deps);
  await books(deps).released(payment);
  return save(payment, state, deps, { authorisationExpireTime: null });
}

/**
 * What the provider would not do changes nothing, unless there is nothing left to do it with: the authorisation is over, or
 * there never was one, since the user failed the action that was waited for.
 */
async function backToAuthorised(payment: Payment, outcome: Outcome, deps: PaymentDeps): Promise<undefined> {
  const declineCode = outcome.status === 'declined' ? outcome.declineCode : '';
  const { authorisationExpireTime: end } = payment;
  if (end === null) return save(payment, 'failed', deps, { declineCode });
  const isGone = declineCode === 'authorisation_expired' || plus(end, OVER_FOR_GOOD_MS) <= deps.clock.now();
  if (!isGone) return save(payment, 'authorised', deps, { declineCode });
  await books(deps).released(payment);
  return save(payment, 'expired', deps, { declineCode, authorisationExpireTime: null });
}

async function settleRefund(
  operation: Operation,
  payment: Payment,
  outcome: Outcome,
  deps: PaymentDeps,
): Promise<undefined> {
  const refund = await deps.refunds.read(operation.refundId);
  if (!refund) throw new Error('an operation has no refund');
  const isPaid = outcome.status === 'succeeded';
  if (isPaid) await books(deps).refundPaid(payment, refund);
  else await books(deps).refundFailed(payment, refund);
  const saved = {
    ...payment,
    refundsPendingMinor: payment.refundsPendingMinor - refund.amountMinor,
    refundedMinor: payment.refundedMinor + (isPaid ? refund.amountMinor : 0n),
    updateTime: deps.clock.now(),
  };
  await deps.payments.save(saved);
  await endRefund({ ...refund, state: isPaid ? 'succeeded' : 'failed' }, saved, deps);
}

async function endRefund(refund: Refund, payment: Payment, deps: PaymentDeps): Promise<void> {
  const goesBack = refund.state === 'succeeded' && refund.restock === 'wanted';
  const ended: Refund = { ...refund, restock: goesBack ? 'due' : 'none' };
  await deps.refunds.save(ended);
  await deps.purchaseOf.refundEnded(payment, ended);
  await announceRefund(payment, ended, deps);
}

/** Saves a payment in a state, and tells of it, unless it only goes back to where it was. */
async function save(
  payment: Payment,
  state: PaymentState,
  deps: PaymentDeps,
  changes: Partial<Payment> = {},
): Promise<undefined> {
  const cleared = { outcomeUnknown: false, actionUrl: '' };
  const saved = { ...payment, ...cleared, ...changes, state, updateTime: deps.clock.now() };
  await deps.payments.save(saved);
  const isBack = state === 'authorised' && payment.authorisationExpireTime !== null;
  if (state !== payment.state && !isBack) await announcePayment(saved, deps);
}

export function books({ ledger, provider, feeBasisPoints }: PaymentDeps) {
  return createBookkeeping(ledger, provider.name, feeBasisPoints);
}
