import type { Logger } from '@malla/chassis/logger';
import type { Config } from '../config.ts';
import type { Clock } from '../domain/clock.ts';
import type { PaymentProvider } from '../domain/payments/provider.ts';
import { createSandboxProvider } from './sandbox.ts';
import { createStripeProvider } from './stripe/provider.ts';

/** The provider that is configured. */
export function createProvider(config: Config, clock: Clock, log: Logger): PaymentProvider {
  const timeoutMs = config.PROVIDER_TIMEOUT_MS;
  if (config.PAYMENT_PROVIDER === 'sandbox') {
    const { SANDBOX_URL: url, SANDBOX_API_KEY: apiKey, SANDBOX_WEBHOOK_SECRET: webhookSecret } = config;
    return createSandboxProvider({ url, apiKey, webhookSecret, timeoutMs });
  }
  const { STRIPE_API_URL: url, STRIPE_API_KEY: apiKey, STRIPE_WEBHOOK_SECRET: webhookSecret } = config;
  return createStripeProvider({
    ...{ url, apiKey, webhookSecret, timeoutMs, returnUrl: config.STRIPE_RETURN_URL },
    ...{ clock, log },
  });
}
