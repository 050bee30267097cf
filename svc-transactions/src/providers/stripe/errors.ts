import { DomainError } from '@malla/chassis/errors';
import type { Logger } from '@malla/chassis/logger';
import Stripe from 'stripe';

const { StripeError, StripeCardError, StripeInvalidRequestError, StripeAuthenticationError, StripePermissionError } =
  Stripe.errors;

/** What Stripe refused, having done nothing. */
export interface Refusal {
  /** Why, in Stripe's words: `insufficient_funds`, `payment_intent_unexpected_state`. */
  readonly code: string;
  /** The card was refused, not the request. */
  readonly isOfCard: boolean;
}

/**
 * Tells a refusal from an outcome that is not known: what was declined (402) or made no sense (400, 404) was not done. A key
 * that was used for something else, too many requests, conflicts, failures and silence say nothing.
 */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof StripeCardError) return { code: error.decline_code || error.code || '', isOfCard: true };
  if (error instanceof StripeInvalidRequestError) return { code: error.code || 'request_invalid', isOfCard: false };
  return undefined;
}

/** Has what Stripe throws logged as it should be, and made harmless: their messages are for us. */
export function createWatch(log: Logger) {
  return async function watch<Result>(call: Promise<Result>): Promise<Result> {
    try {
      return await call;
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      const { type, code, param, statusCode, requestId } = error;
      const told = { type, code, param, statusCode, requestId };
      // Nothing works until somebody puts the configuration right.
      if (error instanceof StripeAuthenticationError || error instanceof StripePermissionError) {
        log.error(told, 'Stripe refuses our key');
      } else if (error instanceof StripeInvalidRequestError) log.warn(told, 'Stripe refused a request');
      if (refusalOf(error)) throw error;
      const text = `Stripe did not tell: ${[type, code, statusCode, requestId].filter(Boolean).join(' ')}`;
      throw new Error(text, { cause: detailOf(error) });
    }
  };
}

/** Why there was no answer, where the SDK says so. Its type says text, and it is the error of `fetch`. */
function detailOf(error: InstanceType<typeof StripeError>): unknown {
  const detail: unknown = error.detail;
  return detail instanceof Error ? detail : undefined;
}

/** @throws DomainError `unavailable` (PROVIDER_UNAVAILABLE). */
export function unavailable(cause: unknown): never {
  const details = { retryAfterMs: 1_000 };
  throw new DomainError('unavailable', 'PROVIDER_UNAVAILABLE', 'The provider cannot be asked now.', details, { cause });
}
