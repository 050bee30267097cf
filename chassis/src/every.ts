import type { Logger } from './logger.ts';

/**
 * Does some work over and over, `intervalMs` after it last ended, until the process stops. A failure is logged, and the work
 * tried again the next time.
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
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  let timer: NodeJS.Timeout;
  const round = () => {
    running = work()
      .catch((error: unknown) => log.error({ err: error }, `${name} failed`))
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
