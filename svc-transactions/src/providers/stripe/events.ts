import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DisputeState, Notification } from '../../domain/payments/provider.ts';
import { readJson } from '../json.ts';
import { fromStripeAmount } from './amounts.ts';
import { intentSchema, outcomeOf, takenOf } from './intents.ts';
import { refundOutcome, refundSchema } from './refunds.ts';

const eventSchema = z.object({ type: z.string(), data: z.object({ object: z.unknown() }) });
const idSchema = z.object({ id: z.string().min(1).max(255) });
const disputeSchema = z.object({
  id: z.string().max(64),
  amount: z.int().positive(),
  currency: z.string(),
  status: z.string(),
  payment_intent: z.string().nullish(),
});

/** `opened` is told again while a dispute goes on. An inquiry (`warning_...`) moves no money. */
const DISPUTE_STATES: ReadonlyMap<string, DisputeState> = new Map([
  ['needs_response', 'opened'],
  ['under_review', 'opened'],
  ['won', 'won'],
  ['lost', 'lost'],
]);
const OTHER: Notification = { type: 'other' };

/** What each event tells. Those that are not here tell nothing that has to be known. */
const READERS: ReadonlyMap<string, (object: unknown) => Notification> = new Map([
  ['payment_intent.amount_capturable_updated', readIntent],
  ['payment_intent.succeeded', readIntent],
  ['payment_intent.payment_failed', readIntent],
  ['payment_intent.canceled', readIntent],
  ['payment_intent.requires_action', readIntent],
  ['refund.created', readRefund],
  ['refund.updated', readRefund],
  ['refund.failed', readRefund],
  ['charge.refund.updated', readRefund],
  ['charge.dispute.created', readDispute],
  ['charge.dispute.funds_withdrawn', readDispute],
  ['charge.dispute.closed', readDispute],
]);

/** The id of an event that is signed; one of its body when it has none, so that it is kept all the same, and once. */
export function eventIdOf(body: Buffer): string {
  try {
    return idSchema.parse(readJson(body.toString())).id;
  } catch {
    return `sha256:${createHash('sha256').update(body).digest('hex')}`;
  }
}

/** Reads an event. @throws Error when it makes no sense. */
export function readEvent(body: string): Notification {
  const { type, data } = eventSchema.parse(readJson(body));
  return READERS.get(type)?.(data.object) ?? OTHER;
}

/** Those of other systems that use the same account are none of ours. */
function readIntent(object: unknown): Notification {
  const intent = intentSchema.parse(object);
  const { payment_id: paymentId } = intent.metadata;
  if (!paymentId) return OTHER;
  return {
    ...{ type: 'payment', paymentId, reference: intent.id, isReleased: intent.status === 'canceled' },
    takenMinor: intent.status === 'succeeded' ? takenOf(intent) : undefined,
    outcomeOf: (operation) => outcomeOf(operation, intent),
  };
}

function readRefund(object: unknown): Notification {
  const refund = refundSchema.parse(object);
  const operationId = refund.metadata?.operation_id;
  if (!operationId) return stray(refund.id, refund.payment_intent);
  const outcome = refundOutcome(refund);
  return outcome ? { type: 'operation', operationId, outcome } : OTHER;
}

function stray(what: string, reference: string | null | undefined): Notification {
  return reference ? { type: 'stray', of: { reference }, what } : OTHER;
}

function readDispute(object: unknown): Notification {
  const { id: disputeId, amount, currency, status, payment_intent: reference } = disputeSchema.parse(object);
  if (!reference || status.startsWith('warning_')) return OTHER;
  const event = DISPUTE_STATES.get(status);
  if (!event) throw new Error(`${disputeId} ended in a way that is not known: ${status}`);
  const amountMinor = fromStripeAmount(currency, amount);
  return { type: 'dispute', disputeId, of: { reference }, currencyCode: currency.toUpperCase(), amountMinor, event };
}
