import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@malla/chassis/logger';
import type { PaymentProvider } from '../../src/domain/payments/provider.ts';
import { createSandboxProvider } from '../../src/providers/sandbox.ts';
import { createStripeProvider } from '../../src/providers/stripe/provider.ts';
import type { Clients } from './clients.ts';
import { TestClock } from './clock.ts';
import { startTestSandbox } from './sandbox.ts';
import { type StripeDouble, startStripe } from './stripe/double.ts';
import { newUserId } from './users.ts';

const TIMEOUT_MS = 1_000;

/** What a test payment method does. */
export type Behaviour =
  | 'success'
  | 'card_declined'
  | 'insufficient_funds'
  | 'expired_card'
  | 'challenge'
  | 'answer_lost';

/** A notification, as it came. */
export interface Told {
  readonly body: Buffer;
  readonly header: (name: string) => string;
}

/** A provider, and the other side of it. */
export interface ProviderHarness {
  readonly provider: PaymentProvider;
  /** A kept token. */
  token(behaviour: Behaviour): Promise<string>;
  /** A token as a user brings it. */
  readonly freshToken: string;
  answerChallenge(actionUrl: string, answer: 'pass' | 'fail'): Promise<void>;
  /** The provider's own record of a payment: one for each time that it was authorised. */
  records(paymentId: string): Promise<{ captured: number; refunded: number }[]>;
  /** What the provider has told, signed at that moment. */
  told(): Told[];
  stop(): Promise<void>;
}

/** The sandbox. */
export async function startSandboxHarness(): Promise<ProviderHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const sandbox = await startTestSandbox(folder);
  const told: Told[] = [];
  const receiveProviderWebhook: Clients['providers']['receiveProviderWebhook'] = async ({ content }, options) => {
    const header = (name: string) => String(options?.metadata?.get(name)[0] ?? '');
    told.push({ body: content?.data ?? Buffer.alloc(0), header });
    return {};
  };
  sandbox.connect({ providers: { receiveProviderWebhook } } as Clients);
  return {
    provider: createSandboxProvider({ ...sandbox, timeoutMs: TIMEOUT_MS }),
    token: async (behaviour) => `tok_${behaviour}`,
    freshToken: 'tok_success',
    answerChallenge: sandbox.answerChallenge,
    records: async (paymentId) => (await sandbox.records()).filter(({ reference }) => reference === paymentId),
    told: () => told,
    stop: async () => {
      await sandbox.stop();
      await rm(folder, { recursive: true });
    },
  };
}

const METHODS: Readonly<Record<Behaviour, string>> = {
  success: 'pm_card_visa',
  answer_lost: 'pm_card_visa',
  card_declined: 'pm_card_visa_chargeDeclined',
  insufficient_funds: 'pm_card_visa_chargeDeclinedInsufficientFunds',
  expired_card: 'pm_card_chargeDeclinedExpiredCard',
  challenge: 'pm_card_authenticationRequired',
};
const EFFECTS = ['POST /v1/payment_intents', 'POST /v1/payment_intents/:id/capture', 'POST /v1/refunds'];

export interface StripeHarness extends ProviderHarness {
  readonly stripe: StripeDouble;
  readonly clock: TestClock;
}

/** Stripe, by a double of it. */
export async function startStripeHarness(): Promise<StripeHarness> {
  const stripe = await startStripe();
  const { url, apiKey, webhookSecret, account, events } = stripe;
  const clock = new TestClock();
  const log = createLogger('stripe', 'silent');
  const returnUrl = 'https://shop.test/back';
  const provider = createStripeProvider({ url, apiKey, webhookSecret, returnUrl, timeoutMs: TIMEOUT_MS, clock, log });
  const intents = (paymentId: string) => account.intents.filter(({ metadata }) => metadata.payment_id === paymentId);
  return {
    ...{ stripe, clock, provider, freshToken: 'pm_card_visa' },
    token: async (behaviour) => {
      if (behaviour === 'answer_lost') for (const endpoint of EFFECTS) stripe.fail(endpoint, 'answer-lost');
      return (await provider.keep(METHODS[behaviour], newUserId(), []))?.token ?? '';
    },
    answerChallenge: async (actionUrl, answer) => stripe.answerChallenge(actionUrl, answer),
    records: async (paymentId) =>
      intents(paymentId).map((intent) => ({
        captured: intent.amount_received,
        refunded: account.refundedOf(intent),
      })),
    told: () =>
      events.all.map(({ body }) => {
        const signature = events.sign(body);
        return { body: Buffer.from(body), header: (name) => (name === 'stripe-signature' ? signature : '') };
      }),
    stop: stripe.stop,
  };
}
