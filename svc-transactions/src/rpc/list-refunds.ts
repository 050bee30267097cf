import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { ListRefundsRequest, ListRefundsResponse } from '@malla/proto/malla/transactions/v1/payments_service';
import { listRefunds } from '../domain/payments/read-payments.ts';
import type { PaymentRpcDeps } from './deps.ts';
import { toRefundMessage } from './payment-mapper.ts';

export function listRefundsHandler(deps: PaymentRpcDeps): UnaryHandler<ListRefundsRequest, ListRefundsResponse> {
  return async ({ paymentId, pageSize, pageToken }, call) => {
    const list = ['ListRefunds', paymentId];
    const [before] = deps.pageTokens.read(list, pageToken);
    const { items, next } = await listRefunds(paymentId, userOf(call).userId, pageSize, before, deps);
    return { refunds: items.map(toRefundMessage), nextPageToken: deps.pageTokens.write(list, [next]) };
  };
}
