import type { Fleet } from './fleet.ts';

const PAGE = 500;

/** A payment as the provider has it. Amounts are in minor units. */
export interface ProviderPayment {
  readonly id: string;
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
  const byReference = new Map<string, ProviderPayment>();
  for (let page: ProviderPayment[] = [], after = ''; ; after = page.at(-1)?.id ?? '') {
    const response = await fetch(`${sandbox.url}/v1/payments?limit=${PAGE}&after=${after}`, { headers });
    page = (await response.json()) as ProviderPayment[];
    for (const payment of page) {
      if (byReference.has(payment.reference)) throw new Error(`the provider has ${payment.reference} twice`);
      byReference.set(payment.reference, payment);
    }
    if (page.length < PAGE) return byReference;
  }
}
