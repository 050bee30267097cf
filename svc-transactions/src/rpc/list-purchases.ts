import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { ListPurchasesRequest, ListPurchasesResponse } from '@malla/proto/malla/transactions/v1/purchases_service';
import { listPurchases } from '../domain/purchases/change-purchase.ts';
import type { PurchaseRpcDeps } from './deps.ts';
import { toPurchaseMessage } from './purchase-mapper.ts';

export function listPurchasesHandler(deps: PurchaseRpcDeps): UnaryHandler<ListPurchasesRequest, ListPurchasesResponse> {
  return async ({ pageSize, pageToken }, call) => {
    const list = ['ListPurchases', userOf(call).userId];
    const [before] = deps.pageTokens.read(list, pageToken);
    const { items, next } = await listPurchases({ userId: userOf(call).userId }, pageSize, before, deps);
    return { purchases: items.map(toPurchaseMessage), nextPageToken: deps.pageTokens.write(list, [next]) };
  };
}
