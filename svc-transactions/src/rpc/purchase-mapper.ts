import {
  type PurchaseLine as LineMessage,
  type Purchase as PurchaseMessage,
  PurchaseState as StateMessage,
} from '@malla/proto/malla/transactions/v1/purchase';
import type { PurchaseView } from '../domain/purchases/create-purchase.ts';
import type { PurchaseLine, PurchaseState, Quote } from '../domain/purchases/purchase.ts';

const STATES: Readonly<Record<PurchaseState, StateMessage>> = {
  created: StateMessage.CREATED,
  reserved: StateMessage.RESERVED,
  authorised: StateMessage.AUTHORISED,
  confirmed: StateMessage.CONFIRMED,
  captured: StateMessage.CAPTURED,
  cancelling: StateMessage.CANCELLING,
  cancelled: StateMessage.CANCELLED,
  failed: StateMessage.FAILED,
};

export function toPurchaseMessage(view: PurchaseView): PurchaseMessage {
  const { purchase } = view;
  const { purchaseId, userId, storeName, reason, paymentId, createTime, updateTime } = purchase;
  const common = { purchaseId, userId, storeName, reason, paymentId, createTime, updateTime };
  return { ...common, ...toQuoteMessage(purchase), state: stateOf(view) };
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
  };
}

/** Refunds are the payment's. */
function stateOf({ purchase: { state }, payment: { capturedMinor, refundedMinor } }: PurchaseView): StateMessage {
  if (state !== 'captured' || refundedMinor === 0n) return STATES[state];
  return refundedMinor < capturedMinor ? StateMessage.PARTLY_REFUNDED : StateMessage.REFUNDED;
}
