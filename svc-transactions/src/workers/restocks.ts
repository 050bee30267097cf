import { createFailureLog } from '@malla/chassis/failure-log';
import type { Logger } from '@malla/chassis/logger';
import { type OutboxStore, takeOne } from '@malla/chassis/outbox';
import type { PurchaseDeps } from '../domain/purchases/ports.ts';
import { type Restock, type RestockQueue, restock } from '../domain/purchases/restock.ts';
import type { Job } from './slots.ts';

const BACKOFF_MS = { min: 1_000, max: 300_000 };

/** Takes refunded units back into stock, once their money is paid back. */
export function restockWorker(
  deps: PurchaseDeps & { readonly restocks: RestockQueue },
  log: Logger,
): () => Promise<Job | undefined> {
  const { restocks, transact, clock, operationLeaseMs: leaseMs } = deps;
  const failures = createFailureLog(log, 'refunded units could not be taken back into stock', { level: 'warn' });
  const store: OutboxStore<Restock> = {
    take: (now, leaseTime) => transact(() => restocks.take(now, leaseTime)),
    done: ({ refundId }) => restocks.end(refundId),
    retry: async ({ refundId, attempts }, time, cause) => {
      failures.failed(cause, { refundId, attempts });
      await restocks.postpone({ refundId, attempts: attempts + 1 }, time);
    },
  };
  return () => takeOne({ store, deliver: (due) => restock(due, deps), clock, leaseMs, backoffMs: BACKOFF_MS });
}
