import { type QuotedLine as LineMessage, LineProblem as ProblemMessage } from '@malla/proto/malla/stores/v1/quote';
import type { LineProblem, QuotedLine } from '../domain/quote.ts';

const PROBLEMS: Readonly<Record<LineProblem, ProblemMessage>> = {
  'not-found': ProblemMessage.NOT_FOUND,
  'not-published': ProblemMessage.NOT_PUBLISHED,
  'store-closed': ProblemMessage.STORE_CLOSED,
  'no-price': ProblemMessage.NO_PRICE,
  'out-of-stock': ProblemMessage.OUT_OF_STOCK,
};

export function toQuotedLineMessage({ line, offer, price, problem }: QuotedLine): LineMessage {
  const money = (amountMinor: bigint | undefined) =>
    price && amountMinor !== undefined ? { currencyCode: price.currencyCode, amountMinor } : undefined;
  return {
    variantId: line.variantId,
    quantity: line.quantity,
    problem: problem ? PROBLEMS[problem] : ProblemMessage.UNSPECIFIED,
    availableQuantity: Math.min(offer?.available ?? 0, line.quantity),
    unitPrice: money(price?.amountMinor),
    compareAt: money(price?.compareAtMinor),
    productId: offer?.productId ?? '',
    productName: offer?.productName ?? '',
    optionValues: [...(offer?.optionValues ?? [])],
    sku: offer?.sku ?? '',
    taxClass: offer?.taxClass ?? '',
    storeId: offer?.storeId ?? '',
    storeName: offer?.storeName ?? '',
    storeContactEmail: offer?.storeContact.email ?? '',
    storeContactPhone: offer?.storeContact.phone ?? '',
    storeCountryCode: offer?.storeContact.countryCode ?? '',
    storeLegalName: offer?.storeContact.legalName ?? '',
    storePostalAddress: offer?.storeContact.postalAddress ?? '',
    storeTaxId: offer?.storeContact.taxId ?? '',
    weightGrams: offer?.weightGrams ?? 0,
  };
}
