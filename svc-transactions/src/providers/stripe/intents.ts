import { z } from 'zod';
import { plus } from '../../domain/clock.ts';
import {
  ACTION_URL_LENGTH_MAX,
  type Operation,
  type OperationKind,
  type Outcome,
} from '../../domain/payments/provider.ts';
import { fromStripeAmount, toStripeAmount } from './amounts.ts';

/** How long a user may take to pass a challenge. */
export const CHALLENGE_MS = 15 * 60_000;
/** No card scheme keeps an authorisation of an online payment for less. */
const AUTHORISATION_MS = 5 * 86_400_000;
const DECLINE_CODE = /^[a-z0-9_]{1,64}$/;

/** What is read of a PaymentIntent, in an answer or in an event. */
export const intentSchema = z.object({
  id: z.string().max(255),
  status: z.string(),
  currency: z.string(),
  amount_received: z.int(),
  created: z.int(),
  cancellation_reason: z.string().nullish(),
  metadata: z.record(z.string(), z.string()),
  next_action: z.object({ redirect_to_url: z.object({ url: z.string().nullish() }).nullish() }).nullish(),
  last_payment_error: z.object({ code: z.string().nullish(), decline_code: z.string().nullish() }).nullish(),
  latest_charge: z
    .union([z.string(), z.object({ payment_method_details: z.object({ card: cardDetails() }).nullish() })])
    .nullish(),
});

function cardDetails() {
  return z.object({ capture_before: z.int().nullish() }).nullish();
}

export type Intent = z.output<typeof intentSchema>;

/** What a PaymentIntent tells of an operation; undefined when it does not: that was not done, or is not done yet. */
export function outcomeOf(operation: Operation, intent: Intent): Outcome | undefined {
  return READERS[operation.kind](intent, operation);
}

type Reader = (intent: Intent, operation: Operation) => Outcome | undefined;

const readRelease: Reader = (intent) => {
  if (intent.status === 'canceled') return succeeded(intent);
  return intent.status === 'succeeded' ? taken(intent) : undefined;
};

const READERS: Readonly<Record<OperationKind, Reader>> = {
  authorise: (intent) => {
    if (intent.status === 'requires_capture') return succeeded(intent);
    // We ask for a capture after that alone.
    if (intent.status === 'succeeded') return taken(intent);
    if (intent.status === 'canceled') return declined(isAbandoned(intent) ? 'challenge_expired' : 'canceled');
    if (intent.status === 'requires_action') return action(intent);
    const { last_payment_error: error } = intent;
    const isDeclined = intent.status === 'requires_payment_method' && error;
    return isDeclined ? declined(error.decline_code || error.code) : undefined;
  },
  capture: (intent, { currencyCode, amountMinor }) => {
    if (intent.status === 'canceled') return declined('authorisation_expired');
    if (intent.status !== 'succeeded') return undefined;
    return intent.amount_received === toStripeAmount(currencyCode, amountMinor) ? succeeded(intent) : taken(intent);
  },
  void: readRelease,
  expire: readRelease,
  refund: () => undefined,
};

/** Whether nobody will go on with a PaymentIntent: never confirmed, or its challenge took too long or is nowhere to go to. */
export function isForgotten(intent: Intent, now: Date): boolean {
  const { status, created, last_payment_error: error } = intent;
  if (status === 'requires_confirmation' || (status === 'requires_payment_method' && !error)) return true;
  if (status !== 'requires_action') return false;
  return placeOf(intent) === undefined || created * 1_000 + CHALLENGE_MS <= now.getTime();
}

/** A refusal by a code of Stripe's. */
export function declined(code: string | null | undefined): Outcome {
  return { status: 'declined', declineCode: code && DECLINE_CODE.test(code) ? code : 'declined' };
}

/** What was captured of a PaymentIntent, in minor units. */
export function takenOf({ currency, amount_received: amount }: Intent): bigint {
  return fromStripeAmount(currency, amount);
}

/** Somebody has captured it, in Stripe's dashboard. */
function taken(intent: Intent): Outcome {
  return { status: 'taken', amountMinor: takenOf(intent), reference: intent.id };
}

function succeeded(intent: Intent): Outcome {
  const { latest_charge: charge, id: reference } = intent;
  const captureBefore = typeof charge === 'object' ? charge?.payment_method_details?.card?.capture_before : undefined;
  const expireTime = captureBefore ? new Date(captureBefore * 1_000) : plus(createTimeOf(intent), AUTHORISATION_MS);
  return { status: 'succeeded', expireTime, reference };
}

/** Nothing is told of an action that is no place to go to, until the PaymentIntent is cancelled for that. */
function action(intent: Intent): Outcome | undefined {
  const actionUrl = placeOf(intent);
  if (actionUrl === undefined) return undefined;
  return { status: 'action', actionUrl, expireTime: plus(createTimeOf(intent), CHALLENGE_MS), reference: intent.id };
}

/** Where the user has to go. We ask for a place, by a return URL. */
function placeOf({ next_action: next }: Intent): string | undefined {
  const url = next?.redirect_to_url?.url;
  return url && url.length <= ACTION_URL_LENGTH_MAX ? url : undefined;
}

function createTimeOf({ created }: Intent): Date {
  return new Date(created * 1_000);
}

function isAbandoned({ cancellation_reason: reason }: Intent): boolean {
  return reason === 'abandoned';
}
