import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../../src/config.ts';
import type { Overrides } from '../../../src/server.ts';
import { startTestService, type TestService } from '../service.ts';
import { type StripeDouble, startStripe } from './double.ts';
import type { Intent } from './shapes.ts';

/** A service whose provider is Stripe, by a double of it that tells it what happens. */
export interface StripeService {
  readonly service: TestService;
  readonly stripe: StripeDouble;
  /** Stripe's own record of a payment: there is one. */
  intentOf(paymentId: string): Intent;
  /** Waits until everything that was told has been acted upon. */
  allActed(): Promise<void>;
  stop(): Promise<void>;
}

export async function startStripeService(
  overrides: Overrides = {},
  changes: Partial<Config> = {},
): Promise<StripeService> {
  const stripe = await startStripe();
  const service = await startWith(stripe, overrides, changes);
  stripe.events.connect(service.edge);
  return {
    service,
    stripe,
    intentOf: (paymentId) => {
      const own = stripe.account.intents.filter(({ metadata }) => metadata.payment_id === paymentId);
      if (own[0] && own.length === 1) return own[0];
      throw new Error(`Stripe has ${own.length} PaymentIntents of one payment`);
    },
    allActed: async () => {
      const waiting = 'SELECT 1 FROM provider_notifications WHERE next_try_time IS NOT NULL';
      while ((await service.sql(waiting)).length > 0) await sleep(20);
    },
    stop: async () => {
      await stripe.stop();
      await service.stop();
    },
  };
}

async function startWith(stripe: StripeDouble, overrides: Overrides, changes: Partial<Config>): Promise<TestService> {
  const { url, apiKey, webhookSecret, stop } = stripe;
  const settings = { STRIPE_API_URL: url, STRIPE_API_KEY: apiKey, STRIPE_WEBHOOK_SECRET: webhookSecret };
  const STRIPE_RETURN_URL = 'https://shop.test/back';
  try {
    const config = { PAYMENT_PROVIDER: 'stripe', ...settings, STRIPE_RETURN_URL, ...changes } as Partial<Config>;
    return await startTestService(config, overrides);
  } catch (error) {
    await stop();
    throw error;
  }
}
