import { userOf } from '@malla/chassis/context';
import { idempotent } from '@malla/chassis/idempotency';
import { PurchasesServiceService } from '@malla/proto/malla/transactions/v1/purchases_service';
import { type RefundedPurchase, refundPurchase } from '../domain/purchases/refund-purchase.ts';
import type { PurchaseRpcDeps } from './deps.ts';
import { fromMoneyMessage } from './money-mapper.ts';
import { once } from './once.ts';
import { toRefundMessage } from './payment-mapper.ts';
import { toPurchaseMessage } from './purchase-mapper.ts';

export function refundPurchaseHandler(deps: PurchaseRpcDeps) {
  return idempotent(
    PurchasesServiceService.refundPurchase,
    deps.idempotency,
    async ({ purchaseId, ...message }, call, stored) => {
      const respond = once(stored, toResponse, (response) => response);
      const request = { ...message, amount: fromMoneyMessage(message.amount) };
      return toResponse(await refundPurchase(purchaseId, userOf(call).userId, request, respond, deps));
    },
  );
}

function toResponse(refunded: RefundedPurchase) {
  return { refund: toRefundMessage(refunded.refund), purchase: toPurchaseMessage(refunded) };
}
