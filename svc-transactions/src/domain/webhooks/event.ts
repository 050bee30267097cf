import type { Money } from '../payments/payment.ts';

/** What an endpoint may want to hear of. The contract lists them too. */
export const EVENT_TYPES = [
  'purchase.created',
  'purchase.captured',
  'purchase.cancelled',
  'purchase.failed',
  'purchase.partly_refunded',
  'purchase.refunded',
  'payment.requires_action',
  'payment.authorised',
  'payment.captured',
  'payment.voided',
  'payment.expired',
  'payment.failed',
  'refund.created',
  'refund.succeeded',
  'refund.failed',
  'dispute.opened',
  'dispute.won',
  'dispute.lost',
] as const;

export type EventType = (typeof EVENT_TYPES)[number] | 'webhook.test';

/** Something that happened. Ids are empty for what it is not about. */
export interface WebhookEvent {
  readonly eventId: string;
  readonly type: EventType;
  readonly time: Date;
  readonly storeId: string;
  readonly userId: string;
  readonly purchaseId: string;
  readonly paymentId: string;
  readonly refundId: string;
  /** The provider's. */
  readonly disputeId: string;
  readonly amount: Money | undefined;
  /** Why, of what failed or was cancelled. */
  readonly reason: string;
}

/** The outbox of events. */
export interface Events {
  /** Writes an event down for whoever wants to hear of it, in the transaction of what happened. */
  add(event: WebhookEvent): Promise<void>;
}

/** The event type of this name, when there is one: not every state is told. */
export function eventType(name: string): EventType | undefined {
  return EVENT_TYPES.find((type) => type === name);
}
