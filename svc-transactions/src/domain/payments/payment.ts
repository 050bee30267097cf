import { DomainError } from '@malla/chassis/errors';

export type PaymentState =
  | 'created'
  | 'pending'
  | 'requires-action'
  | 'authorised'
  | 'captured'
  | 'voided'
  | 'expired'
  | 'failed';
export type CaptureMethod = 'automatic' | 'manual';

/** Money on its way from a user to a store. Amounts are in minor units of its currency. */
export interface Payment {
  readonly paymentId: string;
  /** The purchase that it belongs to, and that drives it; empty for none. */
  readonly purchaseId: string;
  readonly userId: string;
  readonly storeId: string;
  readonly currencyCode: string;
  readonly amountMinor: bigint;
  readonly capturedMinor: bigint;
  readonly refundedMinor: bigint;
  /** What refunds that are on their way will pay back. */
  readonly refundsPendingMinor: bigint;
  /** What was lost in disputes. */
  readonly lostMinor: bigint;
  readonly state: PaymentState;
  readonly outcomeUnknown: boolean;
  readonly declineCode: string;
  readonly actionUrl: string;
  readonly captureMethod: CaptureMethod;
  /** Empty before it is chosen. */
  readonly paymentMethodId: string;
  readonly description: string;
  /** The provider's own id of it; empty before it told. */
  readonly providerReference: string;
  readonly authorisationExpireTime: Date | null;
  readonly createTime: Date;
  readonly updateTime: Date;
}

export type RefundState = 'pending' | 'succeeded' | 'failed';
/** Whether what is refunded goes back into stock: not at all, once the money is paid back, now, or it has. */
export type Restock = 'none' | 'wanted' | 'due' | 'done';

/** Some units that were bought and are paid back. Amounts are in minor units. */
export interface RefundLine {
  readonly variantId: string;
  readonly quantity: number;
  readonly subtotalMinor: bigint;
  readonly taxMinor: bigint;
}

/** Money on its way back. */
export interface Refund {
  readonly refundId: string;
  readonly paymentId: string;
  readonly currencyCode: string;
  readonly amountMinor: bigint;
  readonly state: RefundState;
  readonly reason: string;
  /** What of a purchase is paid back; none when it is by an amount. */
  readonly lines: readonly RefundLine[];
  readonly restock: Restock;
  readonly createTime: Date;
}

/** The most that a payment may be, in minor units. */
export const PAYMENT_MINOR_MAX = 999_999_999_999n;

/** @throws DomainError `precondition` (PAYMENT_STATE_WRONG) unless a payment is in one of some states. */
export function requireState({ state }: Payment, ...states: readonly PaymentState[]): void {
  if (states.includes(state)) return;
  const fields = [
    { field: 'payment_id', reason: 'PAYMENT_STATE_WRONG', description: `is of a payment in state ${state}` },
  ];
  const metadata = { state };
  throw new DomainError('precondition', 'PAYMENT_STATE_WRONG', 'The payment is in another state.', {
    fields,
    metadata,
  });
}

/** @throws DomainError `precondition` (PAYMENT_OF_PURCHASE) when a purchase drives the payment. */
export function requireOwnLife({ purchaseId }: Payment): void {
  if (purchaseId === '') return;
  const fields = [
    { field: 'payment_id', reason: 'PAYMENT_OF_PURCHASE', description: `is of the payment of ${purchaseId}` },
  ];
  const message = 'The payment belongs to a purchase, which drives it.';
  throw new DomainError('precondition', 'PAYMENT_OF_PURCHASE', message, { fields });
}

/**
 * What can still be refunded, in minor units. A bank may take what was paid back before: then that is nothing.
 * @param disputedMinor what open disputes have set aside.
 */
export function refundableMinor(payment: Payment, disputedMinor: bigint): bigint {
  const { capturedMinor, refundedMinor, refundsPendingMinor, lostMinor } = payment;
  const leftMinor = capturedMinor - refundedMinor - refundsPendingMinor - lostMinor - disputedMinor;
  return leftMinor > 0n ? leftMinor : 0n;
}

/** An amount as a request names it. */
export interface Money {
  readonly currencyCode: string;
  readonly amountMinor: bigint;
}

/** An amount of a request, which has to be in the payment's currency. @throws DomainError `invalid` (CURRENCY_MISMATCH). */
export function amountIn({ currencyCode }: Payment, asked: Money | undefined): bigint | undefined {
  if (asked === undefined || asked.currencyCode === currencyCode) return asked?.amountMinor;
  const fields = [
    { field: 'amount.currency_code', reason: 'CURRENCY_MISMATCH', description: `must be ${currencyCode}` },
  ];
  throw new DomainError('invalid', 'CURRENCY_MISMATCH', 'The payment is in another currency.', { fields });
}

/** A refusal of an amount that is more than there is. */
export function amountTooLarge(kind: 'invalid' | 'precondition', reason: string, maxMinor: bigint): DomainError {
  const fields = [{ field: 'amount.amount_minor', reason, description: `must be at most ${maxMinor}` }];
  const metadata = { left_minor: `${maxMinor}` };
  return new DomainError(kind, reason, 'The amount is more than there is.', { fields, metadata });
}

export function paymentNotFound(): DomainError {
  return new DomainError('not-found', 'PAYMENT_NOT_FOUND', 'There is no such payment.');
}
