import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  GetPurchaseReceiptRequest,
  GetPurchaseReceiptResponse,
} from '@malla/proto/malla/transactions/v1/purchases_service';
import { readReceipt } from '../domain/receipts/read-receipt.ts';
import type { PurchaseRpcDeps } from './deps.ts';
import { toReceiptMessage } from './receipt-mapper.ts';

export function getPurchaseReceiptHandler(
  deps: PurchaseRpcDeps,
): UnaryHandler<GetPurchaseReceiptRequest, GetPurchaseReceiptResponse> {
  return async ({ purchaseId }, call) => ({
    receipt: toReceiptMessage(await readReceipt(purchaseId, userOf(call).userId, deps)),
  });
}
