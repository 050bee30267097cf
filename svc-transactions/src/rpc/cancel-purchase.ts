import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  CancelPurchaseRequest,
  CancelPurchaseResponse,
} from '@malla/proto/malla/transactions/v1/purchases_service';
import { cancelPurchase } from '../domain/purchases/change-purchase.ts';
import type { PurchaseRpcDeps } from './deps.ts';
import { toPurchaseMessage } from './purchase-mapper.ts';

export function cancelPurchaseHandler(
  deps: PurchaseRpcDeps,
): UnaryHandler<CancelPurchaseRequest, CancelPurchaseResponse> {
  return async ({ purchaseId }, call) => ({
    purchase: toPurchaseMessage(await cancelPurchase(purchaseId, userOf(call).userId, deps)),
  });
}
