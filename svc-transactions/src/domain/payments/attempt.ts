import { plus } from '../clock.ts';
import type { PaymentDeps } from './ports.ts';
import type { Operation } from './provider.ts';
import { settle } from './settle.ts';

const SOON_MS = 1_000;

/**
 * Asks the provider for an operation, and for those that follow from it, as far as they are told. One that was asked for
 * before may have been done: the provider is asked for that first, and for the operation only when it never heard of it.
 * @throws whatever, when the outcome is not known.
 */
export async function attempt(operation: Operation, deps: PaymentDeps): Promise<void> {
  let next: Operation | undefined = operation;
  while (next) next = await attemptOne(next, deps);
}

async function attemptOne(operation: Operation, deps: PaymentDeps): Promise<Operation | undefined> {
  deps.reached(`${operation.kind}.begun`);
  const known = operation.attempts > 0 ? await deps.provider.look(operation) : undefined;
  const outcome = known ?? (await deps.provider.perform(operation));
  deps.reached(`${operation.kind}.told`);
  const next = await deps.transact(() => settle(operation.operationId, outcome, deps));
  deps.reached(`${operation.kind}.settled`);
  return next;
}

/**
 * The same at once, for a client that waits: what is not told now is found out later, by the worker. Goes on when the client
 * leaves.
 */
export function attemptNow(operation: Operation, deps: PaymentDeps): Promise<void> {
  return deps.detached(async () => {
    try {
      await attempt(operation, deps);
    } catch {
      await putOff(operation, plus(deps.clock.now(), SOON_MS), deps);
    }
  });
}

/** Has an operation tried again later, and says that its outcome is not known. Has no effect once it has ended. */
export async function putOff(operation: Operation, nextTryTime: Date, deps: PaymentDeps): Promise<void> {
  const { operations, payments, transact } = deps;
  await transact(async () => {
    const payment = await payments.lock(operation.paymentId);
    if (!payment) return;
    const open = operation.refundId
      ? await operations.findOpen(operation.operationId)
      : await operations.findOpenOf(operation.paymentId);
    if (!open) return;
    await operations.postpone({ ...open, attempts: open.attempts + 1 }, nextTryTime);
    if (payment.state === 'pending') await payments.save({ ...payment, outcomeUnknown: true });
  });
  deps.reached('operation.put-off');
}
