import { z } from 'zod';
import type { Outcome } from '../../domain/payments/provider.ts';
import { declined } from './intents.ts';

/** What is read of a refund, in an answer or in an event. */
export const refundSchema = z.object({
  id: z.string().max(255),
  status: z.string().nullish(),
  failure_reason: z.string().nullish(),
  payment_intent: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

export type StripeRefund = z.output<typeof refundSchema>;

/** What a refund tells; undefined while it is on its way. */
export function refundOutcome(refund: Pick<StripeRefund, 'status' | 'failure_reason'>): Outcome | undefined {
  const { status, failure_reason: reason } = refund;
  if (status === 'succeeded') return { status, expireTime: new Date(0), reference: '' };
  if (status === 'failed' || status === 'canceled') return declined(reason ?? 'refund_failed');
  return undefined;
}
