import type { Fleet } from './fleet.ts';

/** A payment as the provider has it. Amounts are in minor units. */
export interface ProviderPayment {
  /** Our own id of it. */
  readonly reference: string;
  readonly token: string;
  readonly amount: number;
  readonly captured: number;
  readonly refunded: number;
  readonly status: 'action' | 'authorised' | 'captured' | 'voided' | 'declined';
}

/** The provider's own record of everything, by our ids. @throws Error when it has one of them twice. */
export async function readProvider({ sandbox }: Fleet): Promise<ReadonlyMap<string, ProviderPayment>> {
  const headers = { authorization: `Bearer ${sandbox.apiKey}` };
  const response = await fetch(`${sandbox.url}/v1/payments`, { headers });
  const payments = (await response.json()) as ProviderPayment[];
  const byReference = new Map(payments.map((payment) => [payment.reference, payment]));
  if (byReference.size !== payments.length) throw new Error('the provider has a payment twice');
  return byReference;
}
