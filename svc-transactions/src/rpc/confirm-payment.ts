import { userOf } from '@malla/chassis/context';
import { idempotent } from '@malla/chassis/idempotency';
import { PaymentsServiceService } from '@malla/proto/malla/transactions/v1/payments_service';
import { confirmPayment } from '../domain/payments/change-payment.ts';
import type { PaymentRpcDeps } from './deps.ts';
import { once } from './once.ts';
import { toPaymentMessage } from './payment-mapper.ts';

export function confirmPaymentHandler(deps: PaymentRpcDeps) {
  return idempotent(
    PaymentsServiceService.confirmPayment,
    deps.idempotency,
    async ({ paymentId, paymentMethodId }, call, stored) => {
      const respond = once(stored, toPaymentMessage, (payment) => ({ payment }));
      return {
        payment: toPaymentMessage(await confirmPayment(paymentId, userOf(call).userId, paymentMethodId, respond, deps)),
      };
    },
  );
}
