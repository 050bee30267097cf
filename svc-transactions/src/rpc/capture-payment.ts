import { idempotent } from '@malla/chassis/idempotency';
import { PaymentsServiceService } from '@malla/proto/malla/transactions/v1/payments_service';
import { capturePayment } from '../domain/payments/change-payment.ts';
import type { PaymentRpcDeps } from './deps.ts';
import { fromMoneyMessage } from './money-mapper.ts';
import { once } from './once.ts';
import { toPaymentMessage } from './payment-mapper.ts';

export function capturePaymentHandler(deps: PaymentRpcDeps) {
  return idempotent(
    PaymentsServiceService.capturePayment,
    deps.idempotency,
    async ({ paymentId, amount }, _call, stored) => {
      const respond = once(stored, toPaymentMessage, (payment) => ({ payment }));
      return { payment: toPaymentMessage(await capturePayment(paymentId, fromMoneyMessage(amount), respond, deps)) };
    },
  );
}
