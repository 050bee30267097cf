import { userOf } from '@malla/chassis/context';
import { idempotent } from '@malla/chassis/idempotency';
import { PurchasesServiceService } from '@malla/proto/malla/transactions/v1/purchases_service';
import { createPurchase } from '../domain/purchases/create-purchase.ts';
import type { PurchaseRpcDeps } from './deps.ts';
import { fromMoneyMessage } from './money-mapper.ts';
import { once } from './once.ts';
import { toPurchaseMessage } from './purchase-mapper.ts';

export function createPurchaseHandler(deps: PurchaseRpcDeps) {
  return idempotent(PurchasesServiceService.createPurchase, deps.idempotency, async (request, call, stored) => {
    const respond = once(stored, toPurchaseMessage, (purchase) => ({ purchase }));
    const purchase = { ...request, expectedTotal: fromMoneyMessage(request.expectedTotal) };
    return { purchase: toPurchaseMessage(await createPurchase(userOf(call).userId, purchase, respond, deps)) };
  });
}
