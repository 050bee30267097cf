import { setTimeout as delay } from 'node:timers/promises';
import { readLogFrom, saysDiskFull, usefulLine } from './log-lines.ts';
import { isAlive } from './pid-files.ts';
import type { Started } from './supervise.ts';

const POLL_MS = 50;

export type HealthOptions = {
  /** Resolves to whether the process is healthy now; a rejection counts as no. */
  readonly probe: () => Promise<boolean>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/**
 * Waits until a started process is healthy.
 * @throws Error in one line, with the reason from its log, when it ends before, meets a full disk or takes too long
 */
export const untilHealthy = async (started: Started, { probe, timeoutMs, signal }: HealthOptions): Promise<void> => {
  const end = performance.now() + timeoutMs;
  while (!(await probe().catch(() => false))) {
    signal.throwIfAborted();
    if (!isAlive(started.running)) throw failure(started, 'crashed at start');
    if (saysDiskFull(readLogFrom(started.logFile, started.logOffset))) throw failure(started, 'met a full disk');
    if (performance.now() > end) throw failure(started, `was not healthy within ${timeoutMs / 1000} s`);
    await delay(POLL_MS);
  }
};

const failure = ({ running, logFile, logOffset }: Started, what: string): Error =>
  new Error(`${running.name} ${what}: ${usefulLine(readLogFrom(logFile, logOffset))} (log: ${logFile})`);
