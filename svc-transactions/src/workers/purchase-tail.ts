import { AsyncLocalStorage } from 'node:async_hooks';
import { createFailureLog } from '@malla/chassis/failure-log';
import type { Logger } from '@malla/chassis/logger';
import type { PurchaseGrowth } from '../domain/purchases/watch-purchase.ts';

const POLL_MS = 200;

/** One look for all who watch a purchase in this process, and none when nobody does. */
export interface PurchaseTail extends PurchaseGrowth {
  /** Lets everybody go. */
  close(): void;
}

interface Waiting {
  readonly purchaseId: string;
  readonly version: number;
  readonly wake: () => void;
}

/** @param versionsOf the versions of some purchases, by id. */
export function createPurchaseTail(
  versionsOf: (purchaseIds: readonly string[]) => Promise<ReadonlyMap<string, number>>,
  log: Logger,
): PurchaseTail {
  const waiting = new Set<Waiting>();
  let timer: NodeJS.Timeout | undefined;
  const failures = createFailureLog(log, 'the versions of purchases cannot be read', { level: 'warn' });
  let closed = false;

  const look = async () => {
    const versions = await versionsOf([...new Set([...waiting].map(({ purchaseId }) => purchaseId))]);
    for (const one of waiting) if ((versions.get(one.purchaseId) ?? 0) > one.version) one.wake();
  };
  const lookAgain = async () => {
    await look().catch((error: unknown) => failures.failed(error));
    timer = undefined;
    if (waiting.size > 0) poll();
  };
  // Not on behalf of the call that happens to wait first: its end would be the end of looking for all.
  const outsideOfCalls = AsyncLocalStorage.snapshot();
  const poll = () => {
    timer ??= outsideOfCalls(() => setTimeout(lookAgain, POLL_MS));
  };
  return {
    get closed() {
      return closed;
    },
    wait: (purchaseId, version, signal) =>
      new Promise((resolve) => {
        if (closed || signal.aborted) return resolve();
        const wake = () => {
          waiting.delete(one);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const one = { purchaseId, version, wake };
        waiting.add(one);
        signal.addEventListener('abort', wake, { once: true });
        poll();
      }),
    close: () => {
      closed = true;
      clearTimeout(timer);
      for (const one of waiting) one.wake();
    },
  };
}
