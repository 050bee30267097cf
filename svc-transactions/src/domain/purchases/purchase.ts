import { DomainError } from '@malla/chassis/errors';

export type PurchaseState =
  | 'created'
  | 'reserved'
  | 'authorised'
  | 'confirmed'
  | 'captured'
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
}

/** What a basket costs. */
export interface Quote {
  readonly storeId: string;
  readonly storeName: string;
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
  readonly state: PurchaseState;
  /** Why it was cancelled or failed; empty for others. */
  readonly reason: string;
  /** When it is given up, unless the stock is sold by then. */
  readonly expireTime: Date;
  readonly createTime: Date;
  readonly updateTime: Date;
}

export function isFinal({ state }: Purchase): boolean {
  return state === 'captured' || state === 'cancelled' || state === 'failed';
}

export function purchaseNotFound(): DomainError {
  return new DomainError('not-found', 'PURCHASE_NOT_FOUND', 'There is no such purchase.');
}
