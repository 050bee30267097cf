import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { GetPurchaseRequest, GetPurchaseResponse } from '@malla/proto/malla/transactions/v1/purchases_service';
import { getPurchase } from '../domain/purchases/change-purchase.ts';
import type { PurchaseRpcDeps } from './deps.ts';
import { toPurchaseMessage } from './purchase-mapper.ts';

export function getPurchaseHandler(deps: PurchaseRpcDeps): UnaryHandler<GetPurchaseRequest, GetPurchaseResponse> {
  return async ({ purchaseId }, call) => ({
    purchase: toPurchaseMessage(await getPurchase(purchaseId, userOf(call).userId, deps)),
  });
}
