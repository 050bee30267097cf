import type { PaymentDeps } from './ports.ts';
import { begin } from './settle.ts';

/** Gives up one payment whose authorisation is over, and has the provider told. @returns whether there was one. */
export async function expireOne(deps: PaymentDeps): Promise<boolean> {
  const now = deps.clock.now();
  const paymentId = await deps.payments.findExpired(now);
  if (paymentId === undefined) return false;
  await deps.transact(async () => {
    const payment = await deps.payments.lock(paymentId);
    const isOver = payment?.state === 'authorised' && (payment.authorisationExpireTime ?? now) <= now;
    // Nobody waits for this operation: it is for a worker to try, and now.
    if (isOver) await deps.operations.postpone(await begin(payment, 'expire', payment.amountMinor, '', deps), now);
  });
  return true;
}
