import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { GetPaymentRequest, GetPaymentResponse } from '@malla/proto/malla/transactions/v1/payments_service';
import { getPayment } from '../domain/payments/read-payments.ts';
import type { PaymentRpcDeps } from './deps.ts';
import { toPaymentMessage } from './payment-mapper.ts';

export function getPaymentHandler(deps: PaymentRpcDeps): UnaryHandler<GetPaymentRequest, GetPaymentResponse> {
  return async ({ paymentId }, call) => ({
    payment: toPaymentMessage(await getPayment(paymentId, userOf(call).userId, deps)),
  });
}
