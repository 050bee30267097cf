import {
  CaptureMethod as CaptureMethodMessage,
  type PaymentMethod as MethodMessage,
  type Payment as PaymentMessage,
  type Refund as RefundMessage,
  RefundState as RefundStateMessage,
  RestockState as RestockMessage,
  PaymentState as StateMessage,
} from '@malla/proto/malla/transactions/v1/payment';
import type { CaptureMethod, Payment, PaymentState, Refund, RefundState, Restock } from '../domain/payments/payment.ts';
import type { PaymentMethod } from '../domain/payments/ports.ts';

export const PAYMENT_STATES: Readonly<Record<PaymentState, StateMessage>> = {
  created: StateMessage.CREATED,
  pending: StateMessage.PENDING,
  'requires-action': StateMessage.REQUIRES_ACTION,
  authorised: StateMessage.AUTHORISED,
  captured: StateMessage.CAPTURED,
  voided: StateMessage.VOIDED,
  expired: StateMessage.EXPIRED,
  failed: StateMessage.FAILED,
};

const REFUND_STATES: Readonly<Record<RefundState, RefundStateMessage>> = {
  pending: RefundStateMessage.PENDING,
  succeeded: RefundStateMessage.SUCCEEDED,
  failed: RefundStateMessage.FAILED,
};

const RESTOCKS: Readonly<Record<Restock, RestockMessage>> = {
  none: RestockMessage.UNSPECIFIED,
  wanted: RestockMessage.PENDING,
  due: RestockMessage.PENDING,
  done: RestockMessage.DONE,
};

const CAPTURE_METHODS: Readonly<Record<CaptureMethod, CaptureMethodMessage>> = {
  automatic: CaptureMethodMessage.AUTOMATIC,
  manual: CaptureMethodMessage.MANUAL,
};

export function toPaymentMessage(payment: Payment): PaymentMessage {
  const money = (amountMinor: bigint) => ({ currencyCode: payment.currencyCode, amountMinor });
  return {
    paymentId: payment.paymentId,
    userId: payment.userId,
    storeId: payment.storeId,
    amount: money(payment.amountMinor),
    captured: money(payment.capturedMinor),
    refunded: money(payment.refundedMinor),
    refundsPending: money(payment.refundsPendingMinor),
    state: PAYMENT_STATES[payment.state],
    outcomeUnknown: payment.outcomeUnknown,
    declineCode: payment.declineCode,
    actionUrl: payment.actionUrl,
    captureMethod: CAPTURE_METHODS[payment.captureMethod],
    paymentMethodId: payment.paymentMethodId,
    description: payment.description,
    authorisationExpireTime: payment.authorisationExpireTime ?? undefined,
    createTime: payment.createTime,
    updateTime: payment.updateTime,
  };
}

export function toRefundMessage({ currencyCode, amountMinor, state, ...refund }: Refund): RefundMessage {
  const { refundId, paymentId, reason, createTime } = refund;
  const money = (minor: bigint) => ({ currencyCode, amountMinor: minor });
  return {
    refundId,
    paymentId,
    reason,
    createTime,
    amount: money(amountMinor),
    state: REFUND_STATES[state],
    lines: refund.lines.map(({ variantId, quantity, subtotalMinor, taxMinor }) => ({
      ...{ variantId, quantity, subtotal: money(subtotalMinor), tax: money(taxMinor) },
    })),
    restock: RESTOCKS[refund.restock],
  };
}

export function toMethodMessage({ userId: _user, token: _token, ...method }: PaymentMethod): MethodMessage {
  return method;
}

export function fromCaptureMethod(message: CaptureMethodMessage): CaptureMethod {
  return message === CaptureMethodMessage.MANUAL ? 'manual' : 'automatic';
}
