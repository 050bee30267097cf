/** How a test payment method behaves. What is not said goes well. */
export interface TestMethod {
  /** Why an authorisation is declined. */
  readonly declineCode?: string;
  /** The user has to pass a challenge first. */
  readonly challenge?: boolean;
  /** The first answer to each operation comes this many milliseconds late. */
  readonly answerDelayMs?: number;
  /** Whether the first answer to each operation is lost, after the operation was done. */
  readonly loseAnswer?: boolean;
  /** Whether the first try of each operation fails before anything is done. */
  readonly failFirst?: boolean;
  /** When notifications go out, and how often. Default: once, after the answer. */
  readonly notify?: 'twice' | 'before-answer' | 'reversed' | 'never';
  /** How many captures of a payment are declined, before one is not. */
  readonly capturesDeclined?: number;
  /** Why a void is declined. */
  readonly voidDeclineCode?: string;
  /** Whether the authorisation is lost by the time of the capture. */
  readonly loseAuthorisation?: boolean;
  /** Why a refund is declined. */
  readonly refundDeclineCode?: string;
  /** What a captured payment is disputed by, in the order in which it is told. */
  readonly disputes?: readonly DisputeEvent[];
}

export type DisputeEvent = 'dispute.opened' | 'dispute.won' | 'dispute.lost';

/** Every test payment method by its token. */
const TEST_METHODS: Readonly<Record<string, TestMethod>> = {
  tok_success: {},
  tok_card_declined: { declineCode: 'card_declined' },
  tok_insufficient_funds: { declineCode: 'insufficient_funds' },
  tok_expired_card: { declineCode: 'expired_card' },
  tok_challenge: { challenge: true },
  tok_slow_answer: { answerDelayMs: 3_000 },
  tok_answer_lost: { loseAnswer: true },
  tok_fails_first: { failFirst: true },
  tok_notified_twice: { notify: 'twice' },
  tok_notified_early: { notify: 'before-answer' },
  tok_notified_reversed: { notify: 'reversed' },
  tok_never_notified: { notify: 'never' },
  tok_authorisation_lost: { loseAuthorisation: true },
  tok_capture_declined: { capturesDeclined: Number.POSITIVE_INFINITY },
  tok_capture_declined_once: { capturesDeclined: 1 },
  tok_void_declined: { capturesDeclined: Number.POSITIVE_INFINITY, voidDeclineCode: 'void_declined' },
  tok_refund_fails: { refundDeclineCode: 'refund_failed' },
  tok_dispute_opened: { disputes: ['dispute.opened'], refundDeclineCode: 'charge_disputed' },
  tok_dispute_won: { disputes: ['dispute.opened', 'dispute.won'] },
  tok_dispute_lost: { disputes: ['dispute.lost', 'dispute.opened'], refundDeclineCode: 'charge_disputed' },
};

/** The test payment method of a token; undefined for a token that there is not, whatever it says (`constructor`). */
export function testMethodOf(token: string): TestMethod | undefined {
  return Object.hasOwn(TEST_METHODS, token) ? TEST_METHODS[token] : undefined;
}

/** What may be shown of the card behind a token. */
export const CARD = { brand: 'visa', last4: '4242', expiry_month: 12, expiry_year: 2040 } as const;
