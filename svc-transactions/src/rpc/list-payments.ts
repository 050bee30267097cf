import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { ListPaymentsRequest, ListPaymentsResponse } from '@malla/proto/malla/transactions/v1/payments_service';
import { listPayments } from '../domain/payments/read-payments.ts';
import type { PaymentRpcDeps } from './deps.ts';
import { toPaymentMessage } from './payment-mapper.ts';

export function listPaymentsHandler(deps: PaymentRpcDeps): UnaryHandler<ListPaymentsRequest, ListPaymentsResponse> {
  return async ({ pageSize, pageToken }, call) => {
    const { userId } = userOf(call);
    const list = ['ListPayments', userId];
    const [before] = deps.pageTokens.read(list, pageToken);
    const { items, next } = await listPayments(userId, pageSize, before, deps);
    return { payments: items.map(toPaymentMessage), nextPageToken: deps.pageTokens.write(list, [next]) };
  };
}
