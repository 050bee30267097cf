import { DomainError } from '@malla/chassis/errors';

export type PurchaseState =
  | 'created'
  | 'reserved'
  | 'authorised'
  | 'confirmed'
  | 'captured'
  | 'returning'
  | 'cancelling'
  | 'cancelled'
  | 'failed';

/** Some units of one variant, at the price of that time. Amounts are in minor units, without taxes. */
export interface PurchaseLine {
  readonly variantId: string;
  readonly quantity: number;
  readonly productId: string;
  readonly productName: string;
  readonly optionValues: readonly string[];
  readonly sku: string;
  readonly unitPriceMinor: bigint;
  readonly subtotalMinor: bigint;
  readonly taxMinor: bigint;
  /** The rate of the taxes, in hundredths of a percent; undefined on purchases of versions that did not keep it. */
  readonly taxBasisPoints?: number;
}

/** What a purchase is to others: its state, and how much of the money went back. */
export type PurchaseStatus = PurchaseState | 'partly-refunded' | 'refunded';

/** How many units of a line are paid back, or about to be. */
export interface UnitsBack {
  readonly quantity: number;
  /** By refunds that are on their way. */
  readonly pendingQuantity: number;
  /** The taxes of both. */
  readonly taxMinor: bigint;
}

export const NO_UNITS_BACK: UnitsBack = { quantity: 0, pendingQuantity: 0, taxMinor: 0n };

/** How customers reach a store, the country that it is in, and whose it is. Each is empty when it is not known. */
export interface StoreContact {
  readonly email: string;
  /** In E.164. */
  readonly phone: string;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string;
  /** The name of the business that sells. */
  readonly legalName: string;
  /** Of the business, in lines. */
  readonly postalAddress: string;
  /** The tax number of the business. */
  readonly taxId: string;
}

/** Who buys. Each is empty when it is not known. */
export interface Customer {
  readonly name: string;
  readonly email: string;
}

/** What a user pays by. Empty when it is not known. */
export interface PaidBy {
  readonly brand: string;
  readonly last4: string;
}

/** What a basket costs. */
export interface Quote {
  readonly storeId: string;
  readonly storeName: string;
  readonly storeContact: StoreContact;
  readonly currencyCode: string;
  readonly lines: readonly PurchaseLine[];
  readonly subtotalMinor: bigint;
  readonly taxMinor: bigint;
  readonly totalMinor: bigint;
}

/** Something that a user buys from a store. */
export interface Purchase extends Quote {
  readonly purchaseId: string;
  readonly userId: string;
  readonly reservationId: string;
  readonly paymentId: string;
  /** As it was at that time. */
  readonly paidBy: PaidBy;
  /** As it was at that time. */
  readonly customer: Customer;
  readonly state: PurchaseState;
  /** Why it was cancelled or failed, or is about to; empty for others. */
  readonly reason: string;
  /** Counts the changes that it told of. */
  readonly version: number;
  /** By variant; without those of which nothing went back. */
  readonly unitsBack: Readonly<Record<string, UnitsBack>>;
  /** When it is given up, unless the stock is sold by then. */
  readonly expireTime: Date;
  readonly createTime: Date;
  readonly updateTime: Date;
}

export function isFinal({ state }: Purchase): boolean {
  return state === 'captured' || state === 'cancelled' || state === 'failed';
}

/** Whether nothing is bought: its money is let go, or paid back where people have taken it at the provider. */
export function isGivenUp({ state }: Purchase): boolean {
  return state === 'cancelling' || state === 'cancelled' || state === 'failed';
}

/** What becomes of the money of a purchase, in minor units. */
export interface MoneyBack {
  readonly capturedMinor: bigint;
  readonly refundedMinor: bigint;
  /** In disputes. */
  readonly lostMinor: bigint;
}

/** A lost dispute pays back as a refund does. */
export function statusOf({ state }: Purchase, { capturedMinor, refundedMinor, lostMinor }: MoneyBack): PurchaseStatus {
  const backMinor = refundedMinor + lostMinor;
  if (state !== 'captured' || backMinor === 0n) return state;
  return backMinor < capturedMinor ? 'partly-refunded' : 'refunded';
}

/** @throws DomainError `precondition` (PURCHASE_STATE_WRONG) unless the purchase is paid for. */
export function requireCaptured({ state }: Purchase): void {
  if (state !== 'captured') throw purchaseStateWrong(state, 'The purchase is not paid for.');
}

export function purchaseStateWrong(state: PurchaseState, message: string): DomainError {
  const fields = [
    { field: 'purchase_id', reason: 'PURCHASE_STATE_WRONG', description: `is of a purchase in state ${state}` },
  ];
  return new DomainError('precondition', 'PURCHASE_STATE_WRONG', message, { fields, metadata: { state } });
}

export function purchaseNotFound(): DomainError {
  return new DomainError('not-found', 'PURCHASE_NOT_FOUND', 'There is no such purchase.');
}
