export type OperationKind = 'authorise' | 'capture' | 'void' | 'expire' | 'refund';

/** Something that a provider is asked to do. It has an id of its own, by which the provider does it once. */
export interface Operation {
  readonly operationId: string;
  readonly paymentId: string;
  readonly kind: OperationKind;
  readonly amountMinor: bigint;
  readonly currencyCode: string;
  /** The provider's token of the payment method. */
  readonly token: string;
  /** The provider's own id of the payment; empty before it told. */
  readonly reference: string;
  /** Empty for what is no refund. */
  readonly refundId: string;
  /** How often the provider was asked before without telling. */
  readonly attempts: number;
}

/** No address of a challenge is longer, in characters. */
export const ACTION_URL_LENGTH_MAX = 2_048;

/** What became of an operation. */
export type Outcome =
  | { readonly status: 'succeeded'; readonly expireTime: Date; readonly reference: string }
  | { readonly status: 'declined'; readonly declineCode: string }
  /** Something else was done, by other hands than ours: the money was captured. */
  | { readonly status: 'taken'; readonly amountMinor: bigint; readonly reference: string }
  /** The user has to go to a place first, whose address is not too long (`ACTION_URL_LENGTH_MAX`). */
  | { readonly status: 'action'; readonly actionUrl: string; readonly expireTime: Date; readonly reference: string };

/** What may be shown of a card. */
export interface CardDetails {
  readonly brand: string;
  readonly last4: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
}

/** A card as it is kept: its token is good for more than one payment. */
export interface KeptCard extends CardDetails {
  readonly token: string;
}

/** What a provider tells on its own. */
export type Notification =
  /** What became of an operation. A refund that succeeded may fail later on: its money comes back. */
  | { readonly type: 'operation'; readonly operationId: string; readonly outcome: Outcome }
  /** How a payment stands, which tells what became of the operation that is under way, or nothing about it. */
  | {
      readonly type: 'payment';
      readonly paymentId: string;
      readonly outcomeOf: (operation: Operation) => Outcome | undefined;
      /** The provider's own id of the payment. */
      readonly reference: string;
      /** The provider let go of the authorisation, whoever asked for it. */
      readonly isReleased: boolean;
      /** What the provider has captured, whoever asked for it; undefined for nothing. */
      readonly takenMinor: bigint | undefined;
    }
  | {
      readonly type: 'dispute';
      readonly disputeId: string;
      readonly of: PaymentName;
      readonly currencyCode: string | undefined;
      readonly amountMinor: bigint;
      readonly event: DisputeState;
    }
  /** Money was moved at the provider by other hands than ours. */
  | { readonly type: 'stray'; readonly of: PaymentName; readonly what: string }
  /** Something that nothing has to be done about. */
  | { readonly type: 'other' };

/** A payment, by our id or by the provider's. */
export type PaymentName = { readonly paymentId: string } | { readonly reference: string };

export type DisputeState = 'opened' | 'won' | 'lost';

/** Whoever moves the money. */
export interface PaymentProvider {
  readonly name: string;
  /** Asks for an operation. @throws whatever, when the outcome is not known: it may have been done or not. */
  perform(operation: Operation): Promise<Outcome>;
  /** Asks what became of an operation. @returns undefined when it was never heard of. @throws whatever, when that is not told. */
  look(operation: Operation): Promise<Outcome | undefined>;
  /**
   * Gets a token ready to be kept for a user, who has others already; again without effect.
   * @returns undefined when it is none, or somebody else's.
   * @throws DomainError `unavailable` (PROVIDER_UNAVAILABLE), `precondition` (PAYMENT_METHOD_DECLINED).
   */
  keep(token: string, userId: string, tokens: readonly string[]): Promise<KeptCard | undefined>;
  /** Forgets a token that was kept; again without effect. @throws DomainError `unavailable` (PROVIDER_UNAVAILABLE). */
  forget(token: string): Promise<void>;
  /**
   * Whether the provider wrote a notification, not long ago.
   * @param header a header that came with it, by its name in lower case; empty when it did not come.
   * @returns the id of its event; undefined when it did not.
   */
  verify(body: Buffer, header: (name: string) => string): string | undefined;
  /** Reads a notification. @throws Error when it makes no sense. */
  read(body: string): Notification;
}
