import type { Payment } from './payment.ts';
import type { PaymentDeps } from './ports.ts';
import type { Operation } from './provider.ts';
import { begin, settleFree } from './settle.ts';

/**
 * Begins to let go of a payment that is locked, and created, authorised or waiting for an action of the user.
 * @returns what the provider is to be asked; undefined when it was not asked for anything yet.
 */
export async function beginVoid(payment: Payment, deps: PaymentDeps): Promise<Operation | undefined> {
  if (payment.state === 'created') return settleFree(payment, 'voided', deps);
  // An action that is waited for is not waited for any more.
  const waiting = await deps.operations.findOpenOf(payment.paymentId);
  if (waiting) await deps.operations.close(waiting.operationId);
  return begin(payment, 'void', payment.amountMinor, '', deps);
}
