import { plus } from '../clock.ts';
import type { PurchaseDeps, WaitingPurchase } from './ports.ts';

/** How long to wait, as a share of how long that was done already. */
interface Pace {
  readonly msMin: number;
  readonly msMax: number;
  readonly share: number;
}

/** Purchases that wait are looked at again soon at first, and later when they wait for long, as for a user. */
const WAITING: Pace = { msMin: 1_000, msMax: 30_000, share: 0.2 };
/** What a provider refuses it is asked for half as often each time: some 18 times in six hours. */
const REFUSED: Pace = { msMin: 1_000, msMax: 3_600_000, share: 1 };

/** What a provider would not do, and may do later. */
export interface Refusal {
  readonly refusal: string;
  /** When it is asked again at the latest. */
  readonly until: Date;
}

/** Has the next step tried again later. @param error why it could not be taken; empty when the purchase just waits. */
export async function wait(purchase: WaitingPurchase, error: string, deps: PurchaseDeps): Promise<void> {
  await putOff(purchase, later(purchase.createTime, WAITING, deps), error, deps);
}

/** The same, for what a provider would not do. */
export async function waitForProvider(
  purchase: WaitingPurchase,
  { refusal, until }: Refusal,
  deps: PurchaseDeps,
): Promise<void> {
  const time = later(purchase.updateTime, REFUSED, deps);
  await putOff(purchase, until < time ? until : time, refusal, deps);
}

function later(since: Date, { msMin, msMax, share }: Pace, { clock }: PurchaseDeps): Date {
  const now = clock.now();
  return plus(now, Math.min(msMax, Math.max(msMin, (now.getTime() - since.getTime()) * share)));
}

async function putOff(purchase: WaitingPurchase, time: Date, error: string, deps: PurchaseDeps): Promise<void> {
  await deps.purchases.putOff(purchase, time, error);
  deps.reached('purchase.waits');
}
