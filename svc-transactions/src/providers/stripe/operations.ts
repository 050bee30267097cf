import type Stripe from 'stripe';
import { timeOf } from '../../domain/ids.ts';
import type { Operation, OperationKind, Outcome } from '../../domain/payments/provider.ts';
import { toStripeAmount } from './amounts.ts';
import { type Intent, outcomeOf } from './intents.ts';
import { refundOutcome } from './refunds.ts';
import { readToken } from './tokens.ts';

const PAGE_SIZE = 100;
/** A PaymentIntent is newer than the operation that makes it, by two clocks. */
const CLOCK_MARGIN_MS = 3_600_000;

/** How each operation is asked of Stripe: under its own id, which has it done once within a day at least. */
export type Ask = (operation: Operation, amount: number) => Promise<Outcome | undefined>;

export function createAsks(stripe: Stripe, returnUrl: string): Readonly<Record<OperationKind, Ask>> {
  const release: Ask = async (operation) => {
    const { operationId: idempotencyKey } = operation;
    return outcomeOf(operation, await stripe.paymentIntents.cancel(referenceOf(operation), {}, { idempotencyKey }));
  };
  return {
    authorise: async (operation, amount) => {
      const token = readToken(operation.token);
      // What was kept for another provider.
      if (!token) return { status: 'declined', declineCode: 'payment_method_unsupported' };
      const { customer, paymentMethod: payment_method } = token;
      const { paymentId: payment_id, operationId: operation_id, currencyCode } = operation;
      const intent = await stripe.paymentIntents.create(
        {
          ...{ amount, currency: currencyCode.toLowerCase(), customer, payment_method, payment_method_types: ['card'] },
          ...{ capture_method: 'manual', confirm: true, return_url: returnUrl, expand: ['latest_charge'] },
          metadata: { payment_id, operation_id },
        },
        { idempotencyKey: operation_id },
      );
      return outcomeOf(operation, intent);
    },
    capture: async (operation, amount_to_capture) => {
      const { operationId: idempotencyKey } = operation;
      const params = { amount_to_capture };
      const intent = await stripe.paymentIntents.capture(referenceOf(operation), params, { idempotencyKey });
      return outcomeOf(operation, intent);
    },
    void: release,
    expire: release,
    refund: async (operation, amount) => {
      const { paymentId: payment_id, operationId: operation_id, refundId: refund_id } = operation;
      const metadata = { payment_id, operation_id, refund_id };
      const params = { payment_intent: referenceOf(operation), amount, metadata };
      return refundOutcome(await stripe.refunds.create(params, { idempotencyKey: operation_id }));
    },
  };
}

/**
 * Finds the PaymentIntent of an operation; undefined when there is none. One whose id we never heard is looked for among those
 * of the customer: lists show what was just made, which Stripe's search does not.
 */
export async function findIntent(operation: Operation, stripe: Stripe): Promise<Intent | undefined> {
  const { reference, token, operationId } = operation;
  if (reference) return stripe.paymentIntents.retrieve(reference, { expand: ['latest_charge'] });
  const customer = readToken(token)?.customer;
  if (!customer) return undefined;
  const gte = Math.floor((timeOf(operationId).getTime() - CLOCK_MARGIN_MS) / 1_000);
  const params = { customer, created: { gte }, limit: PAGE_SIZE, expand: ['data.latest_charge'] };
  for await (const intent of stripe.paymentIntents.list(params)) {
    if (intent.metadata.operation_id === operationId) return intent;
  }
  return undefined;
}

/** What became of a refund; undefined when there is none. @throws Error while it is on its way. */
export async function findRefund(operation: Operation, stripe: Stripe): Promise<Outcome | undefined> {
  const params = { payment_intent: referenceOf(operation), limit: PAGE_SIZE };
  for await (const refund of stripe.refunds.list(params)) {
    if (refund.metadata?.operation_id === operation.operationId) return known(refundOutcome(refund), operation);
  }
  return undefined;
}

/** Money as Stripe counts it; undefined for what Stripe cannot move exactly. */
export function amountOf({ currencyCode, amountMinor }: Operation): number | undefined {
  return toStripeAmount(currencyCode, amountMinor);
}

/** @throws Error when Stripe does not know yet itself. */
export function known(outcome: Outcome | undefined, { kind }: Operation): Outcome {
  if (outcome) return outcome;
  throw new Error(`Stripe does not know yet what becomes of a ${kind}`);
}

function referenceOf({ reference, kind }: Operation): string {
  if (reference.startsWith('pi_')) return reference;
  throw new Error(`a ${kind} of a payment that is not at Stripe`);
}
