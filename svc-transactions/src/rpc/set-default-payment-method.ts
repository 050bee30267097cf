import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  SetDefaultPaymentMethodRequest,
  SetDefaultPaymentMethodResponse,
} from '@malla/proto/malla/transactions/v1/payment_methods_service';
import { setDefaultPaymentMethod } from '../domain/payments/payment-methods.ts';
import type { PaymentRpcDeps } from './deps.ts';
import { toMethodMessage } from './payment-mapper.ts';

export function setDefaultPaymentMethodHandler(
  deps: PaymentRpcDeps,
): UnaryHandler<SetDefaultPaymentMethodRequest, SetDefaultPaymentMethodResponse> {
  return async ({ paymentMethodId }, call) => ({
    paymentMethod: toMethodMessage(await setDefaultPaymentMethod(userOf(call).userId, paymentMethodId, deps)),
  });
}
