import { plus } from '../clock.ts';
import type { PaymentDeps } from './ports.ts';
import { begin, OVER_FOR_GOOD_MS } from './settle.ts';

/** Gives up one payment whose authorisation is over, and has the provider told. @returns whether there was one. */
export async function expireOne(deps: PaymentDeps): Promise<boolean> {
  const now = deps.clock.now();
  return deps.transact(async () => {
    const payment = await deps.payments.lockOver(now, plus(now, -OVER_FOR_GOOD_MS));
    if (!payment) return false;
    // Nobody waits for this operation: it is for a worker to try, and now.
    await deps.operations.postpone(await begin(payment, 'expire', payment.amountMinor, '', deps), now);
    return true;
  });
}
