import type { PaymentDeps } from './payments/ports.ts';

/**
 * Puts together what a request with an idempotency key is answered, and stores it, in one transaction of its own. Goes on when
 * the client leaves: who comes again with the key then has the answer, and need not wait until the request is taken for dead.
 */
export function answer<Answer>(
  work: () => Promise<Answer>,
  deps: Pick<PaymentDeps, 'detached' | 'transact'>,
): Promise<Answer> {
  return deps.detached(() => deps.transact(work));
}
