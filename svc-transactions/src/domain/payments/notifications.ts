import { DomainError } from '@malla/chassis/errors';
import { announceDispute } from '../webhooks/announce.ts';
import type { Payment } from './payment.ts';
import type { PaymentDeps } from './ports.ts';
import type { DisputeState, Notification, PaymentName } from './provider.ts';
import { takeBack } from './refund-returned.ts';
import { begin, books, movedPastMalla, settle, settleTaken } from './settle.ts';

/** Notifications as they came. */
export interface NotificationStore {
  /** Keeps a notification to be acted upon; without effect when its event came before. */
  add(provider: string, eventId: string, body: Buffer, now: Date): Promise<void>;
}

export interface ReceiveDeps extends Pick<PaymentDeps, 'provider' | 'clock' | 'reached'> {
  readonly notifications: NotificationStore;
}

/**
 * Takes a notification: verified, stored, and acted upon by a worker.
 * @throws DomainError `not-found` (PROVIDER_NOT_FOUND), `unauthenticated` (SIGNATURE_INVALID).
 */
export async function receiveNotification(
  providerName: string,
  body: Buffer,
  header: (name: string) => string,
  { provider, notifications, clock, reached }: ReceiveDeps,
): Promise<void> {
  if (providerName !== provider.name) {
    throw new DomainError('not-found', 'PROVIDER_NOT_FOUND', 'There is no such provider.');
  }
  const eventId = provider.verify(body, header);
  if (eventId === undefined) {
    throw new DomainError('unauthenticated', 'SIGNATURE_INVALID', 'The provider did not sign this, or too long ago.');
  }
  await notifications.add(provider.name, eventId, body, clock.now());
  reached('notification.stored');
}

/** Does what follows from a notification; again without effect. @throws Error when it cannot be done yet. */
export async function actUpon(notification: Notification, deps: PaymentDeps): Promise<void> {
  const paymentId = await deps.transact(() => (ACTIONS[notification.type] as Action)(notification, deps));
  deps.reached('notification.acted-upon');
  if (paymentId !== undefined) await deps.purchaseOf.wake(paymentId);
}

/** @returns the payment that its purchase may have waited for. */
type Action<Type extends Notification['type'] = Notification['type']> = (
  told: Extract<Notification, { type: Type }>,
  deps: PaymentDeps,
) => Promise<string | undefined>;

const ACTIONS: { readonly [Type in Notification['type']]: Action<Type> } = {
  operation: async ({ operationId, outcome }, deps) => {
    const open = await deps.operations.findOpen(operationId);
    const next = await settle(operationId, outcome, deps);
    // What follows is for a worker to try, and now.
    if (next) await deps.operations.postpone(next, deps.clock.now());
    if (outcome.status === 'declined') await takeBack(operationId, deps);
    return open?.paymentId;
  },
  payment: async (told, deps) => {
    const { paymentId } = told;
    const payment = await deps.payments.lock(paymentId);
    if (!payment) return;
    const open = await deps.operations.findOpenOf(paymentId);
    const outcome = open && told.outcomeOf(open);
    if (outcome) return ACTIONS.operation({ type: 'operation', operationId: open.operationId, outcome }, deps);
    if (open) return;
    return (await doneByItself(payment, told, deps)) ? paymentId : undefined;
  },
  dispute: async (told, deps) => void (await dispute(told, deps)),
  stray: async ({ of, what }, deps) => {
    if (await find(of, deps)) throw new Error(`money was moved past Malla: ${what}`);
  },
  other: async () => undefined,
};

/**
 * What the provider did while nothing was asked of it: somebody there has captured, or it let go.
 * @returns whether the payment is another now.
 */
async function doneByItself(
  payment: Payment,
  { reference, isReleased, takenMinor }: Extract<Notification, { type: 'payment' }>,
  deps: PaymentDeps,
): Promise<boolean> {
  const isIts = payment.providerReference === reference;
  const isAuthorised = isIts && payment.state === 'authorised';
  if (takenMinor !== undefined) {
    if (isIts && payment.state === 'captured' && payment.capturedMinor === takenMinor) return false;
    if (!isAuthorised) throw movedPastMalla(takenMinor, reference);
    await settleTaken(payment, { amountMinor: takenMinor, reference }, deps);
    return true;
  }
  // To ask it for what it did by itself gives the same.
  if (isReleased && isAuthorised) {
    await deps.operations.postpone(await begin(payment, 'expire', payment.amountMinor, '', deps), deps.clock.now());
  }
  return false;
}

async function find(of: PaymentName, { payments }: PaymentDeps): Promise<Payment | undefined> {
  return 'paymentId' in of ? payments.read(of.paymentId) : payments.findByReference(of.reference);
}

/**
 * Moves what is disputed. Events come in any order: what ends a dispute opens it too, and what opens one that has ended has no
 * effect.
 */
async function dispute(told: Extract<Notification, { type: 'dispute' }>, deps: PaymentDeps): Promise<void> {
  const { disputeId, event, currencyCode } = told;
  const known = await find(told.of, deps);
  if (known) await deps.purchaseOf.lock(known);
  const payment = known && (await deps.payments.lock(known.paymentId));
  if (payment?.state !== 'captured') throw new Error('a dispute is about a payment that is not captured');
  if (currencyCode !== undefined && currencyCode !== payment.currencyCode) {
    throw new Error(`a dispute is in ${currencyCode}, and its payment in ${payment.currencyCode}`);
  }
  const { paymentId } = payment;
  const before = await deps.disputes.find(disputeId);
  if (before && before.paymentId !== paymentId) throw new Error('a dispute is of another payment');
  if (!isNews(before?.state, event)) return;
  // What was set aside is given back or lost, whatever the end calls it.
  const amountMinor = before?.amountMinor ?? told.amountMinor;
  const ledger = books(deps);
  if (before === undefined) await ledger.disputeOpened(payment, disputeId, amountMinor);
  if (event === 'won') await ledger.disputeWon(payment, disputeId, amountMinor);
  if (event === 'lost') {
    await ledger.disputeLost(payment, disputeId, amountMinor);
    const saved = { ...payment, lostMinor: payment.lostMinor + amountMinor, updateTime: deps.clock.now() };
    await deps.payments.save(saved);
    await deps.purchaseOf.disputeLost(saved);
  }
  await deps.disputes.put({ disputeId, paymentId, amountMinor, state: event });
  await announceDispute(payment, { disputeId, amountMinor, state: event }, deps);
}

function isNews(before: DisputeState | undefined, event: DisputeState): boolean {
  return before === undefined || (before === 'opened' && event !== 'opened');
}
