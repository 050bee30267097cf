import { plus } from '../clock.ts';
import { announcePurchase } from '../webhooks/announce.ts';
import type { PurchaseDeps } from './ports.ts';
import { type MoneyBack, type Purchase, type PurchaseStatus, statusOf } from './purchase.ts';

/** What a purchase came to: one of the states that it went through. */
export interface PurchaseChange {
  readonly purchaseId: string;
  /** 1 for the first. */
  readonly version: number;
  readonly status: PurchaseStatus;
  readonly reason: string;
  readonly refundedMinor: bigint;
  readonly lostMinor: bigint;
  /** Whether the bank wanted something of the user. */
  readonly requiresAction: boolean;
  readonly changeTime: Date;
}

export type ChangeDeps = Pick<PurchaseDeps, 'purchases' | 'purchaseChanges' | 'events' | 'clock'>;

/** What purchases went through, in their order. Inserted, never changed. */
export interface PurchaseChanges {
  add(change: PurchaseChange): Promise<void>;
  /** What a purchase went through after a version, in order. */
  read(purchaseId: string, after: number, limit: number): Promise<PurchaseChange[]>;
}

const NOTHING_BACK: MoneyBack = { capturedMinor: 0n, refundedMinor: 0n, lostMinor: 0n };

/** Adds a new purchase, and tells of it. */
export async function addPurchase(purchase: Purchase, nextStepTime: Date, deps: ChangeDeps): Promise<void> {
  await deps.purchases.add(purchase, nextStepTime);
  await tell(purchase, NOTHING_BACK, deps);
}

/**
 * Saves a purchase that is locked and has come to another state, or has had money paid back, and tells of it. Whatever changes
 * what a purchase is to others goes through here.
 * @param nextStepTime null for a purchase that is final.
 */
export async function saveChange(
  purchase: Purchase,
  nextStepTime: Date | null,
  deps: ChangeDeps,
  money: MoneyBack = NOTHING_BACK,
): Promise<void> {
  const changed = { ...purchase, version: purchase.version + 1 };
  await deps.purchases.save(changed, nextStepTime);
  await tell(changed, money, deps);
}

/**
 * Tells, once, that the payment of a purchase waits for its user: a change of a reserved purchase that leaves it reserved. Without
 * effect when the purchase has moved on.
 */
export async function tellChallenge({ purchaseId, version }: Purchase, deps: PurchaseDeps): Promise<void> {
  const [last] = await deps.purchaseChanges.read(purchaseId, version - 1, 1);
  if (last?.requiresAction) return;
  await deps.transact(async () => {
    const purchase = await deps.purchases.lock(purchaseId);
    if (purchase?.state !== 'reserved' || purchase.version !== version) return;
    const now = deps.clock.now();
    const changed = { ...purchase, version: version + 1, updateTime: now };
    await deps.purchases.save(changed, plus(now, deps.operationLeaseMs));
    await deps.purchaseChanges.add(changeOf(changed, NOTHING_BACK, true));
  });
}

function changeOf(purchase: Purchase, money: MoneyBack, requiresAction: boolean): PurchaseChange {
  const { purchaseId, version, reason, updateTime: changeTime } = purchase;
  const { refundedMinor, lostMinor } = money;
  const status = statusOf(purchase, money);
  return { purchaseId, version, status, reason, refundedMinor, lostMinor, requiresAction, changeTime };
}

async function tell(purchase: Purchase, money: MoneyBack, deps: ChangeDeps): Promise<void> {
  const change = changeOf(purchase, money, false);
  const { status } = change;
  await deps.purchaseChanges.add(change);
  // It was captured once; that a refund came back is told of the refund.
  if (status !== 'captured' || money === NOTHING_BACK) await announcePurchase(purchase, status, deps);
}
