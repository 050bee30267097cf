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
  /** Empty for what is no refund. */
  readonly refundId: string;
  /** How often the provider was asked before without telling. */
  readonly attempts: number;
}

/** What became of an operation. */
export type Outcome =
  | { readonly status: 'succeeded'; readonly expireTime: Date }
  | { readonly status: 'declined'; readonly declineCode: string }
  /** The user has to go to a place first. */
  | { readonly status: 'action'; readonly actionUrl: string; readonly expireTime: Date };

/** What may be shown of a card. */
export interface CardDetails {
  readonly brand: string;
  readonly last4: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
}

/** What a provider tells on its own. */
export type Notification =
  | { readonly type: 'operation'; readonly operationId: string; readonly outcome: Outcome }
  | {
      readonly type: 'dispute';
      readonly disputeId: string;
      readonly paymentId: string;
      readonly amountMinor: bigint;
      readonly event: DisputeState;
    }
  /** Something that nothing has to be done about. */
  | { readonly type: 'other' };

export type DisputeState = 'opened' | 'won' | 'lost';

/** The headers that sign a notification (Standard Webhooks). */
export interface NotificationHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/** Whoever moves the money. */
export interface PaymentProvider {
  readonly name: string;
  /** Asks for an operation. @throws whatever, when the outcome is not known: it may have been done or not. */
  perform(operation: Operation): Promise<Outcome>;
  /** Asks what became of an operation. @returns undefined when it was never heard of. @throws whatever, when that is not told. */
  look(operation: Operation): Promise<Outcome | undefined>;
  /** What is behind a token; undefined when it is none. @throws DomainError `unavailable` (PROVIDER_UNAVAILABLE). */
  describe(token: string): Promise<CardDetails | undefined>;
  /** Whether the provider wrote a notification, not long ago. */
  isSigned(body: Buffer, headers: NotificationHeaders): boolean;
  /** Reads a notification. @throws Error when it makes no sense. */
  read(body: string): Notification;
}
