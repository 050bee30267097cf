import { DomainError } from '@malla/chassis/errors';
import { plus } from '../clock.ts';
import { PAGE_SIZE_DEFAULT, type Page, toPage } from '../page.ts';
import { forStaff } from '../payments/read-payments.ts';
import { advanceNow } from './advance.ts';
import { saveChange } from './change.ts';
import { type PurchaseView, readView } from './create-purchase.ts';
import type { PurchaseDeps } from './ports.ts';
import { purchaseNotFound, purchaseStateWrong } from './purchase.ts';

/** Reads a purchase for who buys, and for the staff of the store. @throws DomainError `not-found` (PURCHASE_NOT_FOUND). */
export async function getPurchase(purchaseId: string, userId: string, deps: PurchaseDeps): Promise<PurchaseView> {
  const view = await readNow(purchaseId, deps);
  if (view.purchase.userId === userId) return view;
  await deps.storeStaff.requireStaff(view.purchase.storeId).catch((error: unknown) => {
    throw error instanceof DomainError && error.reason === 'ROLE_MISSING' ? purchaseNotFound() : error;
  });
  return { ...view, payment: forStaff(view.payment) };
}

/** Lists a user's purchases, newest first. `pageSize` 0 means 20. */
export async function listPurchases(
  of: { userId: string } | { storeId: string },
  pageSize: number,
  before: string | undefined,
  deps: PurchaseDeps,
): Promise<Page<PurchaseView>> {
  if ('storeId' in of) await deps.storeStaff.requireStaff(of.storeId);
  const limit = pageSize || PAGE_SIZE_DEFAULT;
  const { items, next, payments } = await deps.snapshot(async () => {
    const page = toPage(await deps.purchases.list(of, limit + 1, before), limit, ({ purchaseId }) => purchaseId);
    return { ...page, payments: await deps.payments.readAll(page.items.map(({ paymentId }) => paymentId)) };
  });
  const views = items.flatMap((purchase) => {
    const payment = payments.get(purchase.paymentId);
    return payment ? [{ purchase, payment: 'storeId' in of ? forStaff(payment) : payment }] : [];
  });
  return { items: views, next };
}

/**
 * Cancels a purchase of a user, as far as that can be done at once; again without effect.
 * @throws DomainError `not-found` (PURCHASE_NOT_FOUND), `precondition` (PURCHASE_STATE_WRONG).
 */
export async function cancelPurchase(purchaseId: string, userId: string, deps: PurchaseDeps): Promise<PurchaseView> {
  await deps.transact(async () => {
    const purchase = await deps.purchases.lock(purchaseId);
    if (purchase?.userId !== userId) throw purchaseNotFound();
    const { state } = purchase;
    if (state === 'cancelled' || state === 'cancelling') return;
    if (state !== 'created' && state !== 'reserved' && state !== 'authorised') {
      throw purchaseStateWrong(state, 'It is too late to cancel it.');
    }
    const now = deps.clock.now();
    const cancelling = { ...purchase, state: 'cancelling', reason: 'CANCELLED_BY_USER', updateTime: now } as const;
    await saveChange(cancelling, plus(now, deps.operationLeaseMs), deps);
  });
  deps.reached('cancel-purchase.written');
  await advanceNow(purchaseId, deps);
  return readNow(purchaseId, deps);
}

/** Purchase and payment are of one moment: a refund that is settled in between would show in one of them alone. */
function readNow(purchaseId: string, deps: PurchaseDeps): Promise<PurchaseView> {
  return deps.snapshot(() => readView(purchaseId, deps));
}
