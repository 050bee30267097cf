import { plus } from '../clock.ts';
import { PAGE_SIZE_DEFAULT, type Page, toPage } from '../page.ts';
import type { PurchaseView } from './create-purchase.ts';
import type { PurchaseDeps } from './ports.ts';
import type { Purchase, PurchaseState } from './purchase.ts';

/** A purchase that has not ended, and why. */
export interface OpenPurchase {
  readonly purchase: Purchase;
  /** How often its next step was tried in vain. */
  readonly attempts: number;
  readonly lastError: string;
  readonly nextStepTime: Date;
}

export interface OpenPurchases {
  /** Those that were created before a time, oldest first, that are younger than the purchase `after`. */
  list(createdBefore: Date, limit: number, after: string | undefined): Promise<OpenPurchase[]>;
  /** How many there are in each state; those with none are missing. */
  count(createdBefore: Date): Promise<ReadonlyMap<PurchaseState, number>>;
}

export interface StuckDeps extends PurchaseDeps {
  readonly openPurchases: OpenPurchases;
  /** After how many milliseconds a purchase should have ended. */
  readonly stuckAfterMs: number;
}

export type StuckPurchase = OpenPurchase & PurchaseView;

/** Lists purchases that should have ended by now, oldest first. `pageSize` 0 means 20. */
export async function listStuckPurchases(
  minAgeMs: number | undefined,
  pageSize: number,
  after: string | undefined,
  deps: StuckDeps,
): Promise<Page<StuckPurchase>> {
  const limit = pageSize || PAGE_SIZE_DEFAULT;
  const createdBefore = plus(deps.clock.now(), -(minAgeMs ?? deps.stuckAfterMs));
  const found = await deps.openPurchases.list(createdBefore, limit + 1, after);
  const { items, next } = toPage(found, limit, ({ purchase }) => purchase.purchaseId);
  const payments = await deps.payments.readAll(items.map(({ purchase }) => purchase.paymentId));
  const stuck = items.flatMap((open) => {
    const payment = payments.get(open.purchase.paymentId);
    return payment ? [{ ...open, payment }] : [];
  });
  return { items: stuck, next };
}
