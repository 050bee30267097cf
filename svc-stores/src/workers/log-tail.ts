import { AsyncLocalStorage } from 'node:async_hooks';
import { createFailureLog } from '@malla/chassis/failure-log';
import type { Logger } from '@malla/chassis/logger';
import type { CatalogLog, LogGrowth } from '../domain/catalog-log.ts';

const POLL_MS = 200;

/** One look at the log for all who watch it in this process, and none when nobody does. */
export interface LogTail extends LogGrowth {
  /** Lets everybody go. */
  close(): void;
}

export function createLogTail(catalogLog: CatalogLog, log: Logger): LogTail {
  const waiting = new Set<{ readonly position: bigint; readonly wake: () => void }>();
  let timer: NodeJS.Timeout | undefined;
  const failures = createFailureLog(log, 'the log of changes cannot be read', { level: 'warn' });
  let closed = false;

  const look = async () => {
    const { last } = await catalogLog.ends();
    for (const one of waiting) if (one.position < last) one.wake();
  };
  const lookAgain = async () => {
    if (waiting.size > 0) {
      await look().catch((error: unknown) => failures.failed(error));
    }
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
    wait: (position, signal) =>
      new Promise((resolve) => {
        if (closed || signal.aborted) return resolve();
        const wake = () => {
          waiting.delete(one);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const one = { position, wake };
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
