import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  ListStorePaymentsRequest,
  ListStorePaymentsResponse,
} from '@malla/proto/malla/transactions/v1/payments_service';
import { listStorePayments } from '../domain/payments/read-payments.ts';
import type { PaymentRpcDeps } from './deps.ts';
import { toPaymentMessage } from './payment-mapper.ts';

export function listStorePaymentsHandler(
  deps: PaymentRpcDeps,
): UnaryHandler<ListStorePaymentsRequest, ListStorePaymentsResponse> {
  return async ({ storeId, pageSize, pageToken }) => {
    const list = ['ListStorePayments', storeId];
    const [before] = deps.pageTokens.read(list, pageToken);
    const { items, next } = await listStorePayments(storeId, pageSize, before, deps);
    return { payments: items.map(toPaymentMessage), nextPageToken: deps.pageTokens.write(list, [next]) };
  };
}
