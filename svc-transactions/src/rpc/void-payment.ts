import { userOf } from '@malla/chassis/context';
import { idempotent } from '@malla/chassis/idempotency';
import { PaymentsServiceService } from '@malla/proto/malla/transactions/v1/payments_service';
import { voidPayment } from '../domain/payments/change-payment.ts';
import type { PaymentRpcDeps } from './deps.ts';
import { once } from './once.ts';
import { toPaymentMessage } from './payment-mapper.ts';

export function voidPaymentHandler(deps: PaymentRpcDeps) {
  return idempotent(PaymentsServiceService.voidPayment, deps.idempotency, async ({ paymentId }, call, stored) => {
    const respond = once(stored, toPaymentMessage, (payment) => ({ payment }));
    return { payment: toPaymentMessage(await voidPayment(paymentId, userOf(call).userId, respond, deps)) };
  });
}
