import type { UnaryHandler } from '@malla/chassis/unary';
import type { QuotePurchaseRequest, QuotePurchaseResponse } from '@malla/proto/malla/transactions/v1/purchases_service';
import { quotePurchase } from '../domain/purchases/quote.ts';
import type { PurchaseRpcDeps } from './deps.ts';
import { toQuoteMessage } from './purchase-mapper.ts';

export function quotePurchaseHandler(deps: PurchaseRpcDeps): UnaryHandler<QuotePurchaseRequest, QuotePurchaseResponse> {
  return async ({ lines, currencyCode }) => toQuoteMessage(await quotePurchase(lines, currencyCode, deps));
}
