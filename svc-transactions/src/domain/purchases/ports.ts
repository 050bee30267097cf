import type { Clock } from '../clock.ts';
import type { PaymentDeps } from '../payments/ports.ts';
import type { Snapshot } from '../ports.ts';
import type { Receipts } from '../receipts/receipt.ts';
import type { PurchaseChanges } from './change.ts';
import type { Customer, Purchase, StoreContact } from './purchase.ts';

/** A purchase with when its next step was due as it was read; null when it is final. */
export interface WaitingPurchase extends Purchase {
  readonly nextStepTime: Date | null;
}

export interface Purchases {
  read(purchaseId: string): Promise<WaitingPurchase | undefined>;
  /** Finds and locks, within a transaction: before the payment of the purchase. */
  lock(purchaseId: string): Promise<Purchase | undefined>;
  /** Adds a purchase whose next step is taken at `nextStepTime` by whoever is there. */
  add(purchase: Purchase, nextStepTime: Date): Promise<void>;
  /** Saves what changes: state, reason, version and units. @param nextStepTime null for a purchase that is final. */
  save(purchase: Purchase, nextStepTime: Date | null): Promise<void>;
  /**
   * Says that a step was tried in vain, and when it is tried next. Has no effect on a purchase that has left its state, was
   * woken, or was taken by another replica since it was read.
   */
  putOff(purchase: WaitingPurchase, nextStepTime: Date, error: string): Promise<void>;
  /** Has the next step of a purchase that waits taken now. */
  wake(purchaseId: string, now: Date): Promise<void>;
  /** A user's or a store's purchases, newest first, that are older than the purchase `before`. */
  list(of: { userId: string } | { storeId: string }, limit: number, before: string | undefined): Promise<Purchase[]>;
}

/** Some units of one variant. */
export interface BasketLine {
  readonly variantId: string;
  readonly quantity: number;
}

/** What svc-stores says of a line. */
export interface OfferedLine extends BasketLine {
  /** Why it cannot be served: `OUT_OF_STOCK`; empty when it can. */
  readonly problem: string;
  readonly productId: string;
  readonly productName: string;
  readonly optionValues: readonly string[];
  readonly sku: string;
  readonly taxClass: string;
  readonly storeId: string;
  readonly storeName: string;
  readonly storeContact: StoreContact;
  readonly currencyCode: string;
  readonly unitPriceMinor: bigint;
}

/** Prices and stock; svc-stores has them. Every method may be repeated. */
export interface Stock {
  /** @param currencyCode empty for the store's own. */
  quote(lines: readonly BasketLine[], currencyCode: string): Promise<OfferedLine[]>;
  /** Keeps stock. @returns false when there is not enough. */
  reserve(reservationId: string, ownerId: string, lines: readonly BasketLine[], lifetimeMs: number): Promise<boolean>;
  /** Sells what is kept. @returns false when it is not kept any more. */
  commit(reservationId: string): Promise<boolean>;
  /** Gives back what is kept, and lets nothing be kept under the id. @returns false when it was sold. */
  release(reservationId: string): Promise<boolean>;
  /** Takes back what was sold. @param returnId what tells one return from another. @param lines none for all that is left. */
  takeBack(returnId: string, reservationId: string, lines: readonly BasketLine[]): Promise<void>;
}

/** Who users are; svc-users knows. */
export interface Customers {
  find(userId: string): Promise<Customer>;
}

/** What the use cases of purchases need. */
export interface PurchaseDeps extends PaymentDeps {
  readonly purchases: Purchases;
  readonly purchaseChanges: PurchaseChanges;
  readonly receipts: Receipts;
  readonly stock: Stock;
  readonly customers: Customers;
  readonly clock: Clock;
  readonly snapshot: Snapshot;
  /** For how many milliseconds a provider that declines to capture, or to void, is asked again. */
  readonly captureGiveUpAfterMs: number;
  /** Taxes by tax class, in hundredths of a percent. What is not named is not taxed. */
  readonly taxBasisPoints: ReadonlyMap<string, number>;
}
