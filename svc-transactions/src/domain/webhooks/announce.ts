import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import type { Payment, Refund, RefundState } from '../payments/payment.ts';
import type { DisputeState } from '../payments/provider.ts';
import type { Purchase, PurchaseStatus } from '../purchases/purchase.ts';
import { type Events, type EventType, eventType, type WebhookEvent } from './event.ts';

/** What whoever changes something needs to tell of it, in the transaction of the change. */
export interface AnnounceDeps {
  readonly events: Events;
  readonly clock: Clock;
}

/** Tells that a purchase has come to its state. States on the way are not told. */
export async function announcePurchase(purchase: Purchase, status: PurchaseStatus, deps: AnnounceDeps): Promise<void> {
  const { purchaseId, paymentId, storeId, userId, currencyCode, totalMinor, reason } = purchase;
  const amount = { currencyCode, amountMinor: totalMinor };
  await add(eventType(`purchase.${snake(status)}`), { purchaseId, paymentId, storeId, userId, amount, reason }, deps);
}

/** Tells that a payment has come to its state. States on the way are not told. */
export async function announcePayment(payment: Payment, deps: AnnounceDeps): Promise<void> {
  const { state, amountMinor, capturedMinor, declineCode } = payment;
  const about = aboutPayment(payment, state === 'captured' ? capturedMinor : amountMinor);
  const reason = state === 'failed' ? declineCode : '';
  await add(eventType(`payment.${snake(state)}`), { ...about, reason }, deps);
}

/** Tells what became of a refund. */
export async function announceRefund(payment: Payment, refund: Refund, deps: AnnounceDeps): Promise<void> {
  const types = { pending: 'refund.created', succeeded: 'refund.succeeded', failed: 'refund.failed' } as const;
  const { refundId, amountMinor, state } = refund;
  const type: EventType = types[state satisfies RefundState];
  await add(type, { ...aboutPayment(payment, amountMinor), refundId }, deps);
}

/** Tells what became of a dispute. */
export async function announceDispute(
  payment: Payment,
  { disputeId, amountMinor, state }: { disputeId: string; amountMinor: bigint; state: DisputeState },
  deps: AnnounceDeps,
): Promise<void> {
  await add(`dispute.${state}`, { ...aboutPayment(payment, amountMinor), disputeId }, deps);
}

type About = Partial<Omit<WebhookEvent, 'eventId' | 'type' | 'time'>>;

function aboutPayment({ paymentId, purchaseId, storeId, userId, currencyCode }: Payment, amountMinor: bigint): About {
  return { paymentId, purchaseId, storeId, userId, amount: { currencyCode, amountMinor } };
}

async function add(type: EventType | undefined, about: About, { events, clock }: AnnounceDeps): Promise<void> {
  if (type) await events.add(newEvent(type, about, clock));
}

/** An event that happens now. */
export function newEvent(type: EventType, about: About, clock: Clock): WebhookEvent {
  const nothing = { storeId: '', userId: '', purchaseId: '', paymentId: '', refundId: '', disputeId: '', reason: '' };
  return { ...nothing, amount: undefined, ...about, eventId: newId.event(), type, time: clock.now() };
}

function snake(state: string): string {
  return state.replaceAll('-', '_');
}
