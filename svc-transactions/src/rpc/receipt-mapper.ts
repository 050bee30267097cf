import type { Receipt as ReceiptMessage } from '@malla/proto/malla/transactions/v1/receipt';
import type { ReceiptView } from '../domain/receipts/read-receipt.ts';
import { numberOf } from '../domain/receipts/receipt.ts';
import { taxesOf } from '../domain/receipts/taxes.ts';
import { toRefundMessage } from './payment-mapper.ts';
import { toPurchaseMessage } from './purchase-mapper.ts';

export function toReceiptMessage({ receipt, purchase, payment, refunds }: ReceiptView): ReceiptMessage {
  const bought = toPurchaseMessage({ purchase, payment });
  const { purchaseId, storeId, storeName, lines, subtotal, tax, total, state, refunded, refundsPending, lost } = bought;
  const money = (amountMinor: bigint) => ({ currencyCode: purchase.currencyCode, amountMinor });
  return {
    number: numberOf(receipt),
    issueTime: receipt.issueTime,
    ...{ purchaseId, purchaseTime: purchase.createTime, storeId, storeName },
    storeContactEmail: purchase.storeContact.email,
    storeContactPhone: purchase.storeContact.phone,
    storeCountryCode: purchase.storeContact.countryCode,
    storeLegalName: purchase.storeContact.legalName,
    storePostalAddress: purchase.storeContact.postalAddress,
    storeTaxId: purchase.storeContact.taxId,
    customerName: purchase.customer.name,
    customerEmail: purchase.customer.email,
    taxes: taxesOf(purchase).map(({ basisPoints, subtotalMinor, taxMinor }) => ({
      ...{ basisPoints, subtotal: money(subtotalMinor), tax: money(taxMinor) },
    })),
    ...{ lines, subtotal, tax, total, state, refunded, refundsPending, lost },
    cardBrand: purchase.paidBy.brand,
    cardLast4: purchase.paidBy.last4,
    refunds: refunds.map(toRefundMessage),
  };
}
