import { DomainError } from '@malla/chassis/errors';
import type { Payment } from '../payments/payment.ts';
import { forStaff, readPayment } from '../payments/read-payments.ts';
import type { PurchaseChange } from './change.ts';
import { getPurchase } from './change-purchase.ts';
import type { PurchaseDeps } from './ports.ts';
import { type Purchase, type PurchaseStatus, statusOf } from './purchase.ts';

/** Tells when a purchase may have changed. */
export interface PurchaseGrowth {
  /** Resolves when a purchase is past `version`, or when `signal` aborts, or nobody is to wait any longer. */
  wait(purchaseId: string, version: number, signal: AbortSignal): Promise<void>;
  /** Whether nobody is to wait any longer: the process stops. */
  readonly closed: boolean;
}

export interface WatchDeps extends PurchaseDeps {
  readonly purchaseGrowth: PurchaseGrowth;
}

/** What somebody watches. */
export interface Watch {
  readonly purchaseId: string;
  /** The version of the last change that is known already; 0 for none. */
  readonly after: number;
  readonly followRefunds: boolean;
}

/** A change, and the payment as it is now, of which staff see no more than is theirs. */
export interface WatchedChange {
  readonly change: PurchaseChange;
  readonly purchase: Purchase;
  readonly payment: Payment;
}

const BATCH = 100;
const NEVER_LEFT: readonly PurchaseStatus[] = ['cancelled', 'failed', 'refunded'];
const BOUGHT: readonly PurchaseStatus[] = ['captured', 'partly-refunded'];

/**
 * What a purchase goes through, until that is over or `signal` aborts. For who buys, and for the staff of the store.
 * @throws DomainError `not-found` (PURCHASE_NOT_FOUND), `invalid` (RESUME_TOKEN_INVALID).
 */
export async function* watchPurchase(
  { purchaseId, after, followRefunds }: Watch,
  userId: string,
  signal: AbortSignal,
  deps: WatchDeps,
): AsyncGenerator<WatchedChange> {
  const { purchase, payment } = await getPurchase(purchaseId, userId, deps);
  if (after > purchase.version) throw resumeTokenInvalid();
  let [version, status] = [after, statusOf(purchase, payment)];
  while (!signal.aborted && !deps.purchaseGrowth.closed) {
    const changes = await deps.purchaseChanges.read(purchaseId, version, BATCH);
    const now = changes.length === 0 ? payment : await paymentNow(payment, purchase.userId === userId, deps);
    for (const change of changes) yield { change, purchase, payment: now };
    version = changes.at(-1)?.version ?? version;
    status = changes.at(-1)?.status ?? status;
    if (changes.length === BATCH) continue;
    if (NEVER_LEFT.includes(status) || (!followRefunds && BOUGHT.includes(status))) return;
    await deps.purchaseGrowth.wait(purchaseId, version, signal);
  }
}

async function paymentNow({ paymentId }: Payment, isBuyer: boolean, deps: WatchDeps): Promise<Payment> {
  const payment = await readPayment(paymentId, deps);
  return isBuyer ? payment : forStaff(payment);
}

/** Whoever went on from there would not hear of what comes first. */
function resumeTokenInvalid(): DomainError {
  const fields = [
    { field: 'resume_token', reason: 'RESUME_TOKEN_INVALID', description: 'must be one of this purchase' },
  ];
  return new DomainError('invalid', 'RESUME_TOKEN_INVALID', 'The purchase has not come to that yet.', { fields });
}
