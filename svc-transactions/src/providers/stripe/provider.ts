import type { Logger } from '@malla/chassis/logger';
import Stripe from 'stripe';
import type { Clock } from '../../domain/clock.ts';
import type { Operation, Outcome, PaymentProvider } from '../../domain/payments/provider.ts';
import { legibly } from '../json.ts';
import { createWatch, refusalOf } from './errors.ts';
import { eventIdOf, readEvent } from './events.ts';
import { declined, type Intent, isForgotten, outcomeOf } from './intents.ts';
import { amountOf, createAsks, findIntent, findRefund, known } from './operations.ts';
import { createPaymentMethodKeeper } from './payment-methods.ts';

const TOLERANCE_SECONDS = 300;
const STATE_UNEXPECTED = 'payment_intent_unexpected_state';
const EXPIRED = 'charge_expired_for_capture';

export interface StripeOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly webhookSecret: string;
  /** Where users come back to from a challenge. */
  readonly returnUrl: string;
  /** How long an answer is waited for, in milliseconds, from the first byte to the last. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Stripe, by PaymentIntents that are captured by hand. */
export function createStripeProvider(options: StripeOptions): PaymentProvider {
  const stripe = connect(options);
  const watch = createWatch(options.log);
  const asks = createAsks(stripe, options.returnUrl);
  const look = async (operation: Operation): Promise<Outcome | undefined> => {
    if (operation.kind === 'refund') return watch(findRefund(operation, stripe));
    const intent = await watch(findIntent(operation, stripe));
    if (!intent) return undefined;
    if (operation.kind !== 'authorise') return outcomeOf(operation, intent);
    return known(outcomeOf(operation, await giveUp(intent)), operation);
  };
  /** What nobody goes on with is cancelled, and so told for good: it may be confirmed at Stripe until then. */
  const giveUp = async (intent: Intent): Promise<Intent> => {
    if (!isForgotten(intent, options.clock.now())) return intent;
    const params = { cancellation_reason: 'abandoned' } as const;
    return watch(stripe.paymentIntents.cancel(intent.id, params, { idempotencyKey: `abandon/${intent.id}` }));
  };
  return {
    ...createPaymentMethodKeeper(stripe, watch),
    name: 'stripe',
    look,
    perform: async (operation) => {
      const amount = amountOf(operation);
      if (amount === undefined) return declined('amount_unsupported');
      try {
        return known(await watch(asks[operation.kind](operation, amount)), operation);
      } catch (error) {
        const refusal = refusalOf(error);
        if (!refusal) throw error;
        // It was done before, or there is nothing left to do it with.
        const done = refusal.code === STATE_UNEXPECTED ? await look(operation) : undefined;
        return done ?? declined(refusal.code === EXPIRED ? 'authorisation_expired' : refusal.code);
      }
    },
    verify: (body, header) => {
      try {
        const signature = header('stripe-signature');
        const isSigned = stripe.webhooks.signature?.verifyHeader(
          body,
          signature,
          options.webhookSecret,
          TOLERANCE_SECONDS,
        );
        return isSigned && !isFromLater(signature) ? eventIdOf(body) : undefined;
      } catch {
        return undefined;
      }
    },
    read: (body) => legibly(() => readEvent(body)),
  };
}

/** Whether a signature is of a time to come. The SDK looks at its age alone, by this same clock. */
function isFromLater(signature: string): boolean {
  const latest = Date.now() / 1_000 + TOLERANCE_SECONDS;
  return Array.from(signature.matchAll(/(?:^|,)t=(\d+)/g)).some(([, time]) => Number(time) > latest);
}

/** Whoever asks again does so by itself, later and knowing more: the SDK does not. */
function connect({ url, apiKey, timeoutMs }: StripeOptions): Stripe {
  const { protocol, hostname, port } = new URL(url);
  return new Stripe(apiKey, {
    host: hostname,
    port: port || (protocol === 'http:' ? 80 : 443),
    protocol: protocol === 'http:' ? 'http' : 'https',
    timeout: timeoutMs,
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient: Stripe.createFetchHttpClient(),
  });
}
