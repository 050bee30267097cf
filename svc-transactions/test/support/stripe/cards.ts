/** How a test payment method of Stripe's behaves. https://docs.stripe.com/testing */
export interface CardBehaviour {
  readonly last4: string;
  readonly declineCode?: string;
  /** The error's code, when it is not `card_declined`. */
  readonly code?: string;
  readonly wantsAction?: boolean;
  /** So many characters are added to the address of the challenge. */
  readonly actionUrlPadding?: number;
  readonly isDisputed?: boolean;
  /** Refunds succeed, and fail later. */
  readonly refundFails?: boolean;
  /** Refunds are on their way for a while. */
  readonly refundPends?: boolean;
  /** The bank does not let it be kept. */
  readonly cannotBeKept?: boolean;
}

export const CARDS: Readonly<Record<string, CardBehaviour>> = {
  pm_card_visa: { last4: '4242' },
  pm_card_visa_chargeDeclined: { last4: '0341', declineCode: 'generic_decline' },
  pm_card_visa_chargeDeclinedInsufficientFunds: { last4: '9995', declineCode: 'insufficient_funds' },
  pm_card_chargeDeclinedExpiredCard: { last4: '0069', code: 'expired_card' },
  pm_card_authenticationRequired: { last4: '3184', wantsAction: true },
  pm_card_longChallenge: { last4: '3220', wantsAction: true, actionUrlPadding: 1_900 },
  pm_card_tooLongChallenge: { last4: '3063', wantsAction: true, actionUrlPadding: 2_048 },
  pm_card_createDispute: { last4: '0259', isDisputed: true },
  pm_card_refundFail: { last4: '5126', refundFails: true },
  pm_card_pendingRefund: { last4: '7726', refundPends: true },
  pm_card_chargeDeclined: { last4: '0002', declineCode: 'generic_decline', cannotBeKept: true },
};
