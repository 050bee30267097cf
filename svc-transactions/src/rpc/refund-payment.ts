import { userOf } from '@malla/chassis/context';
import { idempotent } from '@malla/chassis/idempotency';
import { PaymentsServiceService } from '@malla/proto/malla/transactions/v1/payments_service';
import { refundPayment } from '../domain/payments/refund-payment.ts';
import type { PaymentRpcDeps } from './deps.ts';
import { fromMoneyMessage } from './money-mapper.ts';
import { once } from './once.ts';
import { toRefundMessage } from './payment-mapper.ts';

export function refundPaymentHandler(deps: PaymentRpcDeps) {
  return idempotent(
    PaymentsServiceService.refundPayment,
    deps.idempotency,
    async ({ paymentId, reason, ...request }, call, stored) => {
      const respond = once(stored, toRefundMessage, (refund) => ({ refund }));
      const amount = fromMoneyMessage(request.amount);
      return {
        refund: toRefundMessage(await refundPayment(paymentId, userOf(call).userId, amount, reason, respond, deps)),
      };
    },
  );
}
