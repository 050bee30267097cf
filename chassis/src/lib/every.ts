import { createFailureLog } from '../observe/failure-log.ts';
import type { Logger } from '../observe/logger.ts';

/**
 * Does some work over and over, `intervalMs` after it last ended, until the process stops. The work is tried
 * again after a failure. Failures are logged, those of one kind once a minute.
 * @param firstMs after how long it is done for the first time. Default: after `intervalMs`.
 * @returns how to stop; resolves when the work that runs has ended.
 */
export function every(
  intervalMs: number,
  name: string,
  log: Logger,
  work: () => Promise<void>,
  firstMs = intervalMs,
): () => Promise<void> {
  const failures = createFailureLog(log, `${name} failed`);
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  let timer: NodeJS.Timeout;
  const round = () => {
    running = work()
      .catch((error: unknown) => failures.failed(error))
      .then(() => {
        if (!stopped) timer = setTimeout(round, intervalMs);
      });
  };
  timer = setTimeout(round, firstMs);
  return () => {
    stopped = true;
    clearTimeout(timer);
    return running;
  };
}
