import { userOf } from '@malla/chassis/context';
import { idempotent } from '@malla/chassis/idempotency';
import { PaymentMethodsServiceService } from '@malla/proto/malla/transactions/v1/payment_methods_service';
import { attachPaymentMethod } from '../domain/payments/payment-methods.ts';
import type { PaymentRpcDeps } from './deps.ts';
import { once } from './once.ts';
import { toMethodMessage } from './payment-mapper.ts';

export function attachPaymentMethodHandler(deps: PaymentRpcDeps) {
  const { attachPaymentMethod: method } = PaymentMethodsServiceService;
  return idempotent(method, deps.idempotency, async ({ token }, call, stored) => {
    const respond = once(stored, toMethodMessage, (paymentMethod) => ({ paymentMethod }));
    const attached = await attachPaymentMethod(userOf(call).userId, token, respond, deps);
    return { paymentMethod: toMethodMessage(attached) };
  });
}
