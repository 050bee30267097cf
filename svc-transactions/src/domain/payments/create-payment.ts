import { newId } from '../ids.ts';
import { requireCurrentCurrency } from './currency.ts';
import type { CaptureMethod, Payment } from './payment.ts';
import { requireMethod } from './payment-methods.ts';
import type { Once, PaymentDeps } from './ports.ts';

/** A new payment of a user. */
export interface NewPayment {
  readonly userId: string;
  readonly storeId: string;
  readonly currencyCode: string;
  readonly amountMinor: bigint;
  readonly captureMethod: CaptureMethod;
  /** Empty to choose it later. */
  readonly paymentMethodId: string;
  readonly description: string;
}

/**
 * Creates a payment.
 * @throws DomainError `invalid` (CURRENCY_UNKNOWN), `not-found` (STORE_NOT_FOUND, PAYMENT_METHOD_NOT_FOUND), `precondition`
 *   (STORE_CLOSED).
 */
export async function createPayment(request: NewPayment, once: Once<Payment>, deps: PaymentDeps): Promise<Payment> {
  requireCurrentCurrency(request.currencyCode, 'amount.currency_code');
  await deps.storeDirectory.requireOpenStore(request.storeId, 'store_id');
  const now = deps.clock.now();
  const payment: Payment = {
    ...request,
    ...{ capturedMinor: 0n, refundedMinor: 0n, refundsPendingMinor: 0n, lostMinor: 0n },
    ...{ state: 'created', outcomeUnknown: false, declineCode: '', actionUrl: '', authorisationExpireTime: null },
    ...{ paymentId: newId.payment(), purchaseId: '', providerReference: '', createTime: now, updateTime: now },
  };
  deps.reached('create-payment.to-be-answered');
  await deps.transact(async () => {
    await once.begin(payment.paymentId);
    if (request.paymentMethodId) await requireMethod(request.userId, request.paymentMethodId, deps);
    await deps.payments.add(payment);
    await once.finish(payment);
  });
  deps.reached('create-payment.answered');
  return payment;
}
