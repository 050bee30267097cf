import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  ListPaymentMethodsRequest,
  ListPaymentMethodsResponse,
} from '@malla/proto/malla/transactions/v1/payment_methods_service';
import type { PaymentRpcDeps } from './deps.ts';
import { toMethodMessage } from './payment-mapper.ts';

export function listPaymentMethodsHandler({
  methods,
}: PaymentRpcDeps): UnaryHandler<ListPaymentMethodsRequest, ListPaymentMethodsResponse> {
  return async (_request, call) => ({
    paymentMethods: (await methods.list(userOf(call).userId)).map(toMethodMessage),
  });
}
