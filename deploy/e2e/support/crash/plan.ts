import type { Market, Store } from './market.ts';
import type { Random } from './random.ts';

/** Each with how often it is taken; the README of svc-transactions says what they do. */
const TOKENS: readonly (readonly [token: string, weight: number])[] = [
  ['tok_success', 6],
  ['tok_card_declined', 2],
  ['tok_insufficient_funds', 1],
  ['tok_expired_card', 1],
  ['tok_challenge', 6],
  ['tok_slow_answer', 2],
  ['tok_answer_lost', 4],
  ['tok_fails_first', 3],
  ['tok_notified_twice', 2],
  ['tok_notified_early', 2],
  ['tok_notified_reversed', 2],
  ['tok_never_notified', 2],
  ['tok_authorisation_lost', 2],
  ['tok_capture_declined', 1],
  ['tok_capture_declined_once', 2],
  ['tok_refund_fails', 2],
  ['tok_dispute_opened', 1],
  ['tok_dispute_won', 1],
  ['tok_dispute_lost', 1],
];
const EACH_AS_OFTEN = TOKENS.flatMap(([token, weight]) => Array.from({ length: weight }, () => token));
const LINES_MAX = 3;
const QUANTITY_MAX = 3;
const CANCEL_WITHIN_MS = 400;
const REFUNDS_MAX = 3;

/** A share of what was paid, by its payment or by its purchase; or units, that may go back into stock. */
export type Refund =
  | { readonly of: 'payment' | 'purchase'; readonly share: number }
  | { readonly of: 'units'; readonly restock: boolean };

/** What somebody does with a purchase. */
export interface Plan {
  readonly store: Store;
  readonly lines: readonly { readonly variantId: string; readonly quantity: number }[];
  readonly token: string;
  /** Sends the request twice at once. */
  readonly twice: boolean;
  /** Cancels so many milliseconds after it was sent. */
  readonly cancelAfterMs: number | undefined;
  readonly challenge: 'pass' | 'fail' | 'leave';
  /** Cancels in the moment in which the challenge is answered. */
  readonly cancelsAtChallenge: boolean;
  /** What the store pays back, all at once and together perhaps more than there is. */
  readonly refunds: readonly Refund[];
}

export function newPlan({ stores }: Market, random: Random): Plan {
  const store = random.pick(stores);
  const variantIds = new Set(Array.from({ length: 1 + random.int(LINES_MAX) }, () => random.pick(store.variantIds)));
  return {
    store,
    lines: [...variantIds].map((variantId) => ({ variantId, quantity: 1 + random.int(QUANTITY_MAX) })),
    token: random.pick(EACH_AS_OFTEN),
    twice: random.chance(0.15),
    cancelAfterMs: random.chance(0.2) ? random.int(CANCEL_WITHIN_MS) : undefined,
    challenge: random.pick(['pass', 'pass', 'fail', 'leave']),
    cancelsAtChallenge: random.chance(0.4),
    refunds: random.chance(0.3) ? Array.from({ length: 1 + random.int(REFUNDS_MAX) }, () => newRefund(random)) : [],
  };
}

function newRefund(random: Random): Refund {
  const of = random.pick(['payment', 'purchase', 'units', 'units'] as const);
  return of === 'units' ? { of, restock: random.chance(0.7) } : { of, share: 0.1 + random.int(10) / 10 };
}
