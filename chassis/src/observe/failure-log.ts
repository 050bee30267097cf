import { loggedError } from './logged-error.ts';
import type { Logger } from './logger.ts';

/** How failures of something that is done over and over are written. */
export interface FailureLogOptions {
  readonly level?: 'warn' | 'error';
  /** From one line of a kind of failure to the next, in milliseconds. Default: a minute. */
  readonly intervalMs?: number;
}

/** Writes failures that repeat: the first of each kind at once, the others as a number, once a minute. */
export interface FailureLog {
  /** @param fields what the line names beside the error; those of the failure that is written. */
  failed(error: unknown, fields?: Readonly<Record<string, unknown>>): void;
}

const INTERVAL_MS = 60_000;
/** So many kinds are told apart. Those beyond share one line. */
const KINDS_MAX = 20;

/** Makes a log for the failures of one thing. What is a kind: an error's name and code. */
export function createFailureLog(log: Logger, message: string, options: FailureLogOptions = {}): FailureLog {
  const { level = 'error', intervalMs = INTERVAL_MS } = options;
  const kinds = new Map<string, { writtenMs: number; unwritten: number }>();
  return {
    failed: (error, fields = {}) => {
      const err = loggedError(error);
      const exact = `${err.name} ${err.code ?? ''} ${err.cause?.code ?? ''}`;
      const name = kinds.has(exact) || kinds.size < KINDS_MAX ? exact : 'others';
      const kind = kinds.get(name) ?? { writtenMs: Number.NEGATIVE_INFINITY, unwritten: 0 };
      kinds.set(name, kind);
      const nowMs = performance.now();
      if (nowMs - kind.writtenMs < intervalMs) {
        kind.unwritten += 1;
        return;
      }
      log[level]({ ...fields, err, ...(kind.unwritten > 0 && { alsoFailed: kind.unwritten }) }, message);
      kinds.set(name, { writtenMs: nowMs, unwritten: 0 });
    },
  };
}
