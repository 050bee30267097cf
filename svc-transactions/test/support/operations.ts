import { newId } from '../../src/domain/ids.ts';
import type { Operation, Outcome, PaymentProvider } from '../../src/domain/payments/provider.ts';

/** An operation of a new payment of 100.00 EUR; what is changed of it belongs to the same one. */
export function authorisation(token: string, changes: Partial<Operation> = {}): Operation {
  return {
    ...{ operationId: newId.operation(), paymentId: newId.payment(), kind: 'authorise', amountMinor: 10_000n },
    ...{ currencyCode: 'EUR', token, reference: '', refundId: '', attempts: 0, ...changes },
  };
}

/** What follows upon an authorisation that has succeeded. */
export function following(
  { paymentId, amountMinor, currencyCode }: Operation,
  outcome: Outcome,
  kind: Operation['kind'],
  changes: Partial<Operation> = {},
): Operation {
  const reference = outcome.status === 'declined' ? '' : outcome.reference;
  const refundId = kind === 'refund' ? newId.refund() : '';
  return authorisation('', { paymentId, amountMinor, currencyCode, kind, reference, refundId, ...changes });
}

/** A new payment that is authorised, and captured. */
export async function captured(provider: PaymentProvider, token: string) {
  const authorise = authorisation(token);
  const authorised = await provider.perform(authorise);
  await provider.perform(following(authorise, authorised, 'capture'));
  return { authorise, authorised };
}
