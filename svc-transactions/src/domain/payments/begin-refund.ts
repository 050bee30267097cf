import { plus } from '../clock.ts';
import { newId } from '../ids.ts';
import { announceRefund } from '../webhooks/announce.ts';
import type { Payment, Refund } from './payment.ts';
import type { PaymentDeps } from './ports.ts';
import type { Operation } from './provider.ts';
import { books } from './settle.ts';

type RefundOrder = Pick<Refund, 'refundId' | 'amountMinor' | 'reason'> & Partial<Pick<Refund, 'lines' | 'restock'>>;

/** Begins a refund of a captured payment that is locked, and that has as much left. @returns what the provider is to be asked. */
export async function beginRefund(payment: Payment, order: RefundOrder, deps: PaymentDeps): Promise<Operation> {
  const { paymentId, currencyCode } = payment;
  const { refundId, amountMinor } = order;
  const now = deps.clock.now();
  const refund: Refund = {
    ...{ lines: [], restock: 'none', ...order },
    ...{ paymentId, currencyCode, state: 'pending', createTime: now },
  };
  await deps.refunds.add(refund);
  const saved = { ...payment, refundsPendingMinor: payment.refundsPendingMinor + amountMinor, updateTime: now };
  await deps.payments.save(saved);
  await books(deps).refundBegun(payment, refund);
  await announceRefund(saved, refund, deps);
  const operation: Operation = {
    ...{ operationId: newId.operation(), paymentId, kind: 'refund', amountMinor, currencyCode },
    ...{ token: '', reference: payment.providerReference, refundId, attempts: 0 },
  };
  await deps.operations.add(operation, plus(now, deps.operationLeaseMs));
  return operation;
}
