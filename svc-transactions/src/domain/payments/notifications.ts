import { DomainError } from '@malla/chassis/errors';
import { announceDispute } from '../webhooks/announce.ts';
import type { PaymentDeps } from './ports.ts';
import type { DisputeState, Notification, NotificationHeaders } from './provider.ts';
import { books, settle } from './settle.ts';

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
  headers: NotificationHeaders,
  { provider, notifications, clock, reached }: ReceiveDeps,
): Promise<void> {
  if (providerName !== provider.name) {
    throw new DomainError('not-found', 'PROVIDER_NOT_FOUND', 'There is no such provider.');
  }
  if (!provider.isSigned(body, headers)) {
    throw new DomainError('unauthenticated', 'SIGNATURE_INVALID', 'The provider did not sign this, or too long ago.');
  }
  await notifications.add(provider.name, headers['webhook-id'], body, clock.now());
  reached('notification.stored');
}

/** Does what follows from a notification; again without effect. @throws Error when it cannot be done yet. */
export async function actUpon(notification: Notification, deps: PaymentDeps): Promise<void> {
  if (notification.type === 'operation') {
    const { operationId, outcome } = notification;
    await deps.transact(async () => {
      const next = await settle(operationId, outcome, deps);
      // What follows is for a worker to try, and now.
      if (next) await deps.operations.postpone(next, deps.clock.now());
    });
  }
  if (notification.type === 'dispute') await deps.transact(() => dispute(notification, deps));
  deps.reached('notification.acted-upon');
}

/**
 * Moves what is disputed. Events come in any order: what ends a dispute opens it too, and what opens one that has ended has no
 * effect.
 */
async function dispute(told: Extract<Notification, { type: 'dispute' }>, deps: PaymentDeps): Promise<void> {
  const { disputeId, paymentId, amountMinor, event } = told;
  const payment = await deps.payments.lock(paymentId);
  if (payment?.state !== 'captured') throw new Error('a dispute is about a payment that is not captured');
  const before = await deps.disputes.stateOf(disputeId);
  if (!isNews(before, event)) return;
  const ledger = books(deps);
  if (before === undefined) await ledger.disputeOpened(payment, disputeId, amountMinor);
  if (event === 'won') await ledger.disputeWon(payment, disputeId, amountMinor);
  if (event === 'lost') {
    await ledger.disputeLost(payment, disputeId, amountMinor);
    await deps.payments.save({ ...payment, lostMinor: payment.lostMinor + amountMinor, updateTime: deps.clock.now() });
  }
  await deps.disputes.put({ disputeId, paymentId, amountMinor, state: event });
  await announceDispute(payment, { disputeId, amountMinor, state: event }, deps);
}

function isNews(before: DisputeState | undefined, event: DisputeState): boolean {
  return before === undefined || (before === 'opened' && event !== 'opened');
}
