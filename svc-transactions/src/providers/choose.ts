import type { Logger } from '@malla/chassis/logger';
import type { Config } from '../config.ts';
import type { Clock } from '../domain/clock.ts';
import type { PaymentProvider } from '../domain/payments/provider.ts';
import { createSandboxProvider } from './sandbox.ts';

/** The provider that is configured. Stripe's SDK takes a quarter of the time of a start, and is loaded where it is used. */
export async function createProvider(config: Config, clock: Clock, log: Logger): Promise<PaymentProvider> {
  const timeoutMs = config.PROVIDER_TIMEOUT_MS;
  if (config.PAYMENT_PROVIDER === 'sandbox') {
    const { SANDBOX_URL: url, SANDBOX_API_KEY: apiKey, SANDBOX_WEBHOOK_SECRET: webhookSecret } = config;
    return createSandboxProvider({ url, apiKey, webhookSecret, timeoutMs });
  }
  const { createStripeProvider } = await import('./stripe/provider.ts');
  const { STRIPE_API_URL: url, STRIPE_API_KEY: apiKey, STRIPE_WEBHOOK_SECRET: webhookSecret } = config;
  return createStripeProvider({
    ...{ url, apiKey, webhookSecret, timeoutMs, returnUrl: config.STRIPE_RETURN_URL },
    ...{ clock, log },
  });
}
