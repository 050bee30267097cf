import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  ListStorePurchasesRequest,
  ListStorePurchasesResponse,
} from '@malla/proto/malla/transactions/v1/purchases_service';
import { listPurchases } from '../domain/purchases/change-purchase.ts';
import type { PurchaseRpcDeps } from './deps.ts';
import { toPurchaseMessage } from './purchase-mapper.ts';

export function listStorePurchasesHandler(
  deps: PurchaseRpcDeps,
): UnaryHandler<ListStorePurchasesRequest, ListStorePurchasesResponse> {
  return async ({ storeId, pageSize, pageToken }) => {
    const list = ['ListStorePurchases', storeId];
    const [before] = deps.pageTokens.read(list, pageToken);
    const { items, next } = await listPurchases({ storeId }, pageSize, before, deps);
    return { purchases: items.map(toPurchaseMessage), nextPageToken: deps.pageTokens.write(list, [next]) };
  };
}
