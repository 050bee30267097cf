import {
  type PurchaseChange as ChangeMessage,
  type PurchaseLine as LineMessage,
  type Purchase as PurchaseMessage,
  type RequiredAction,
  PurchaseState as StateMessage,
  type StuckPurchase as StuckMessage,
} from '@malla/proto/malla/transactions/v1/purchase';
import type { Payment } from '../domain/payments/payment.ts';
import type { PurchaseView } from '../domain/purchases/create-purchase.ts';
import { type PurchaseLine, type PurchaseStatus, type Quote, statusOf } from '../domain/purchases/purchase.ts';
import type { StuckPurchase } from '../domain/purchases/stuck.ts';
import { backOf } from '../domain/purchases/units-back.ts';
import type { WatchedChange } from '../domain/purchases/watch-purchase.ts';
import { PAYMENT_STATES } from './payment-mapper.ts';

const PURCHASE_STATES: Readonly<Record<PurchaseStatus, StateMessage>> = {
  created: StateMessage.CREATED,
  reserved: StateMessage.RESERVED,
  authorised: StateMessage.AUTHORISED,
  confirmed: StateMessage.CONFIRMED,
  captured: StateMessage.CAPTURED,
  'partly-refunded': StateMessage.PARTLY_REFUNDED,
  refunded: StateMessage.REFUNDED,
  returning: StateMessage.RETURNING,
  cancelling: StateMessage.CANCELLING,
  cancelled: StateMessage.CANCELLED,
  failed: StateMessage.FAILED,
};

/** What a purchase ends for when the provider declined its payment. */
const DECLINED = ['PAYMENT_FAILED', 'PAYMENT_METHOD_GONE', 'CAPTURE_FAILED', 'CAPTURE_DECLINED'];

export function toPurchaseMessage({ purchase, payment }: PurchaseView): PurchaseMessage {
  const { purchaseId, userId, storeName, reason, paymentId, currencyCode, createTime, updateTime } = purchase;
  const money = (amountMinor: bigint) => ({ currencyCode, amountMinor });
  const quote = toQuoteMessage(purchase);
  const lines = quote.lines.map((line) => {
    const { quantity, pendingQuantity } = backOf(purchase, line.variantId);
    return { ...line, refundedQuantity: quantity, refundsPendingQuantity: pendingQuantity };
  });
  return {
    ...{ purchaseId, userId, storeName, reason, paymentId, createTime, updateTime, ...quote, lines },
    state: PURCHASE_STATES[statusOf(purchase, payment)],
    refunded: money(payment.refundedMinor),
    refundsPending: money(payment.refundsPendingMinor),
    lost: money(payment.lostMinor),
    requiresAction: purchase.state === 'reserved' ? toAction(payment) : undefined,
    declineCode: payment.declineCode,
  };
}

/** What the bank wants of who pays, while it does. */
function toAction({ state, actionUrl }: Payment): RequiredAction | undefined {
  return state === 'requires-action' ? { actionUrl } : undefined;
}

/** What a quote and a purchase say alike. */
export function toQuoteMessage(quote: Quote) {
  const money = (amountMinor: bigint) => ({ currencyCode: quote.currencyCode, amountMinor });
  return {
    storeId: quote.storeId,
    lines: quote.lines.map((line) => toLineMessage(line, quote.currencyCode)),
    subtotal: money(quote.subtotalMinor),
    tax: money(quote.taxMinor),
    total: money(quote.totalMinor),
  };
}

function toLineMessage(line: PurchaseLine, currencyCode: string): LineMessage {
  const money = (amountMinor: bigint) => ({ currencyCode, amountMinor });
  const { variantId, quantity, productId, productName, optionValues, sku } = line;
  return {
    ...{ variantId, quantity, productId, productName, sku, optionValues: [...optionValues] },
    unitPrice: money(line.unitPriceMinor),
    subtotal: money(line.subtotalMinor),
    tax: money(line.taxMinor),
    taxBasisPoints: line.taxBasisPoints,
    ...{ refundedQuantity: 0, refundsPendingQuantity: 0 },
  };
}

export function toChangeMessage({ change, purchase: { currencyCode }, payment }: WatchedChange): ChangeMessage {
  const { purchaseId, status, reason, refundedMinor, lostMinor, changeTime } = change;
  return {
    ...{ purchaseId, reason, changeTime, state: PURCHASE_STATES[status] },
    refunded: { currencyCode, amountMinor: refundedMinor },
    lost: { currencyCode, amountMinor: lostMinor },
    requiresAction: change.requiresAction ? toAction(payment) : undefined,
    declineCode: DECLINED.includes(reason) ? payment.declineCode : '',
  };
}

export function toStuckMessage({ purchase, payment, attempts, lastError, nextStepTime }: StuckPurchase): StuckMessage {
  const { purchaseId, storeId, paymentId, state, createTime, updateTime } = purchase;
  return {
    ...{ purchaseId, storeId, paymentId, createTime, sinceTime: updateTime, attempts, lastError, nextStepTime },
    state: PURCHASE_STATES[state],
    paymentState: PAYMENT_STATES[payment.state],
    paymentOutcomeUnknown: payment.outcomeUnknown,
  };
}
