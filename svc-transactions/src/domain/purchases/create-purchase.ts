import { DomainError } from '@malla/chassis/errors';
import { answer } from '../answer.ts';
import { plus } from '../clock.ts';
import { newId } from '../ids.ts';
import type { Payment } from '../payments/payment.ts';
import { requireDefaultMethod, requireMethod } from '../payments/payment-methods.ts';
import type { Once, PaymentMethod } from '../payments/ports.ts';
import { advanceNow } from './advance.ts';
import { addPurchase } from './change.ts';
import type { BasketLine, PurchaseDeps } from './ports.ts';
import { type Customer, type Purchase, purchaseNotFound, type Quote } from './purchase.ts';
import { quotePurchase } from './quote.ts';

/** How long a purchase may take before it is given up: time enough for a user to pass a challenge. */
export const PURCHASE_LIFETIME_MS = 20 * 60_000;

const NOBODY: Customer = { name: '', email: '' };

/** What a user wants to buy. */
export interface NewPurchase {
  readonly lines: readonly BasketLine[];
  /** Empty for the store's own. */
  readonly currencyCode: string;
  /** Empty for the default one. */
  readonly paymentMethodId: string;
  readonly expectedTotal: { readonly currencyCode: string; readonly amountMinor: bigint } | undefined;
}

/** A purchase, and its payment. */
export interface PurchaseView {
  readonly purchase: Purchase;
  readonly payment: Payment;
}

/**
 * Buys a basket, as far as that can be done at once.
 * @throws as `quotePurchase` does, and DomainError `aborted` (PRICE_CHANGED), `not-found` (PAYMENT_METHOD_NOT_FOUND),
 *   `precondition` (PAYMENT_METHOD_MISSING).
 */
export async function createPurchase(
  userId: string,
  request: NewPurchase,
  once: Once<PurchaseView>,
  deps: PurchaseDeps,
): Promise<PurchaseView> {
  const [quoted, found] = await Promise.allSettled([
    quotePurchase(request.lines, request.currencyCode, deps),
    deps.customers.find(userId),
  ]);
  // A receipt without a name is better than no purchase.
  const customer = found.status === 'fulfilled' ? found.value : NOBODY;
  deps.reached('create-purchase.quoted');
  const purchaseId = newId.purchase();
  const subject = await deps.transact(async () => {
    const begun = await once.begin(purchaseId);
    // What an earlier try began goes on, whatever the basket costs by now: it may have taken the last ones itself.
    if (begun !== purchaseId) return begun;
    if (quoted.status === 'rejected') throw quoted.reason;
    checkTotal(quoted.value, request);
    const method = await methodFor(userId, quoted.value, request, deps);
    const purchase = newPurchase(purchaseId, { userId, customer, method }, quoted.value, deps);
    await deps.payments.add(paymentOf(purchase, method?.paymentMethodId ?? ''));
    await addPurchase(purchase, plus(purchase.createTime, deps.operationLeaseMs), deps);
    return begun;
  });
  deps.reached('create-purchase.written');
  await advanceNow(subject, deps);
  deps.reached('create-purchase.to-be-answered');
  const told = await answer(async () => {
    const view = await lockView(subject, deps);
    await once.finish(view);
    return view;
  }, deps);
  deps.reached('create-purchase.answered');
  return told;
}

/** What is paid with; nothing for what costs nothing, unless one is named. */
async function methodFor(
  userId: string,
  { totalMinor }: Quote,
  { paymentMethodId }: NewPurchase,
  deps: PurchaseDeps,
): Promise<PaymentMethod | undefined> {
  if (paymentMethodId) return requireMethod(userId, paymentMethodId, deps);
  return totalMinor === 0n ? undefined : requireDefaultMethod(userId, deps);
}

/** Reads a purchase with its payment, within a snapshot. @throws DomainError `not-found` (PURCHASE_NOT_FOUND). */
export async function readView(purchaseId: string, deps: Reading): Promise<PurchaseView> {
  return viewOf(await deps.purchases.read(purchaseId), deps);
}

/** The same within a transaction: whoever changes either of them locks the purchase first. */
export async function lockView(purchaseId: string, deps: Reading): Promise<PurchaseView> {
  return viewOf(await deps.purchases.lock(purchaseId), deps);
}

type Reading = Pick<PurchaseDeps, 'purchases' | 'payments'>;

async function viewOf(purchase: Purchase | undefined, { payments }: Reading): Promise<PurchaseView> {
  const payment = purchase && (await payments.read(purchase.paymentId));
  if (!payment) throw purchaseNotFound();
  return { purchase, payment };
}

interface Buyer {
  readonly userId: string;
  readonly customer: Customer;
  readonly method: PaymentMethod | undefined;
}

function newPurchase(
  purchaseId: string,
  { userId, customer, method }: Buyer,
  quote: Quote,
  { clock }: PurchaseDeps,
): Purchase {
  const now = clock.now();
  const paidBy = { brand: method?.brand ?? '', last4: method?.last4 ?? '' };
  return {
    ...quote,
    ...{ purchaseId, userId, reservationId: newId.reservation(), paymentId: newId.payment(), paidBy, customer },
    ...{ state: 'created', reason: '', version: 1, unitsBack: {} },
    ...{ expireTime: plus(now, PURCHASE_LIFETIME_MS), createTime: now, updateTime: now },
  };
}

/** It is captured by the purchase, once the stock is sold. */
function paymentOf(purchase: Purchase, paymentMethodId: string): Payment {
  const { paymentId, purchaseId, userId, storeId, currencyCode, totalMinor, createTime } = purchase;
  return {
    ...{ paymentId, purchaseId, userId, storeId, currencyCode, amountMinor: totalMinor, paymentMethodId },
    ...{ capturedMinor: 0n, refundedMinor: 0n, refundsPendingMinor: 0n, lostMinor: 0n },
    ...{ state: 'created', outcomeUnknown: false, declineCode: '', actionUrl: '', captureMethod: 'manual' },
    ...{ description: '', providerReference: '', authorisationExpireTime: null, createTime, updateTime: createTime },
  };
}

function checkTotal({ currencyCode, totalMinor }: Quote, { expectedTotal }: NewPurchase): void {
  if (!expectedTotal) return;
  if (expectedTotal.currencyCode === currencyCode && expectedTotal.amountMinor === totalMinor) return;
  const metadata = { currency_code: currencyCode, total_minor: `${totalMinor}` };
  throw new DomainError('aborted', 'PRICE_CHANGED', 'It costs something else now.', { metadata });
}
