import type { ProductState, VariantInput } from './product.ts';
import type { StaffRole } from './staff.ts';
import type { StoreState } from './store.ts';

/** How many of a variant there are. */
export interface Stock {
  readonly variantId: string;
  readonly onHand: number;
  /** Never more than what is on hand. */
  readonly reserved: number;
  readonly sold: number;
}

export type AdjustReason = 'received' | 'damaged' | 'counted' | 'returned';
export type StockReason = AdjustReason | 'reserved' | 'released' | 'expired' | 'sold';

/** One change of a variant's stock. Written once, never changed. */
export interface StockEntry {
  readonly entryId: string;
  readonly variantId: string;
  readonly reason: StockReason;
  readonly onHandChange: number;
  readonly reservedChange: number;
  readonly soldChange: number;
  /** A user's id, or a reservation's. */
  readonly actor: string;
  readonly note: string;
  readonly createTime: Date;
}

/** Stock whose row is locked. Its product is told when the last unit goes or the first one comes. */
export interface LockedStock extends Stock {
  readonly productId: string;
  readonly productState: ProductState;
  readonly storeState: StoreState;
}

/** How much more of a variant there is. */
export interface StockChange {
  readonly variantId: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly sold: number;
}

/** Who changes stock, why and when. */
export interface StockCause {
  readonly reason: StockReason;
  readonly actor: string;
  readonly note: string;
  readonly time: Date;
}

/** The id of the entry of an adjustment, and that of the adjustment itself; empty for one that has none. */
export interface AdjustmentIds {
  readonly entryId: string;
  readonly adjustmentId: string;
}

export const ON_HAND_MAX = 1_000_000_000;

/** How many can be sold. */
export function availableOf({ onHand, reserved }: Pick<Stock, 'onHand' | 'reserved'>): number {
  return onHand - reserved;
}

/** Stock whose rows the transaction has locked, in the one order in which everybody locks them. */
export interface StockKeeping {
  /** Opens the stock of new variants with what is on hand at first. */
  open(
    products: readonly { productId: string; storeId: string; variants: readonly VariantInput[] }[],
    userId: string,
    now: Date,
  ): Promise<void>;
  /** Closes the stock of variants. @returns those that were ever sold or are reserved: when there are any, none is closed. */
  close(variantIds: readonly string[]): Promise<string[]>;
  /** Locks the stock of variants, in the order of their ids. Those that do not exist are missing from what it returns. */
  lock(variantIds: readonly string[]): Promise<Map<string, LockedStock>>;
  /**
   * Changes locked stock, and writes down why. Tells the catalogue when a variant's last unit goes or its first one comes.
   * @param adjustment the ids for a single change. Default: a new id for each entry.
   */
  change(
    locked: ReadonlyMap<string, LockedStock>,
    changes: readonly StockChange[],
    cause: StockCause,
    adjustment?: AdjustmentIds,
  ): Promise<void>;
}

export interface StockQueries {
  /** The stock of variants, each with what a user is for its store. */
  find(variantIds: readonly string[], userId: string): Promise<(Stock & { readonly role: StaffRole | undefined })[]>;
  /** What an adjustment wrote down. */
  findAdjustment(adjustmentId: string): Promise<StockEntry | undefined>;
  /** What a user is for a variant's store, and entries, newest first, older than `before`; undefined without a variant. */
  listEntries(
    variantId: string,
    userId: string,
    limit: number,
    before: string | undefined,
  ): Promise<{ readonly role: StaffRole | undefined; readonly entries: StockEntry[] } | undefined>;
}
