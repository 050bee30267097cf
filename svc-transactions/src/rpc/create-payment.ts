import { userOf } from '@malla/chassis/context';
import { idempotent } from '@malla/chassis/idempotency';
import { type CreatePaymentRequest, PaymentsServiceService } from '@malla/proto/malla/transactions/v1/payments_service';
import { createPayment, type NewPayment } from '../domain/payments/create-payment.ts';
import type { PaymentRpcDeps } from './deps.ts';
import { once } from './once.ts';
import { fromCaptureMethod, toPaymentMessage } from './payment-mapper.ts';

export function createPaymentHandler(deps: PaymentRpcDeps) {
  return idempotent(PaymentsServiceService.createPayment, deps.idempotency, async (request, call, stored) => {
    const respond = once(stored, toPaymentMessage, (payment) => ({ payment }));
    return {
      payment: toPaymentMessage(await createPayment(toNewPayment(request, userOf(call).userId), respond, deps)),
    };
  });
}

/** The contract demands the amount. */
function toNewPayment({ amount, captureMethod, ...request }: CreatePaymentRequest, userId: string): NewPayment {
  const { currencyCode = '', amountMinor = 0n } = amount ?? {};
  return { ...request, userId, currencyCode, amountMinor, captureMethod: fromCaptureMethod(captureMethod) };
}
