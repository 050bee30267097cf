import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  DetachPaymentMethodRequest,
  DetachPaymentMethodResponse,
} from '@malla/proto/malla/transactions/v1/payment_methods_service';
import { detachPaymentMethod } from '../domain/payments/payment-methods.ts';
import type { PaymentRpcDeps } from './deps.ts';

export function detachPaymentMethodHandler(
  deps: PaymentRpcDeps,
): UnaryHandler<DetachPaymentMethodRequest, DetachPaymentMethodResponse> {
  return async ({ paymentMethodId }, call) => {
    await detachPaymentMethod(userOf(call).userId, paymentMethodId, deps);
    return {};
  };
}
