import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../lib/errors.ts';
import { currentCall } from '../server/context.ts';

const TRIES_MAX = 5;
const BACKOFF_MS_MAX = 20;
const ER_LOCK_WAIT_TIMEOUT = 1205;
const ER_LOCK_DEADLOCK = 1213;
const ER_LOCK_NOWAIT = 3572;

/**
 * Does work again that MySQL rolled back to end a deadlock: a transaction, or a statement outside of one. Waits a random
 * moment in between, so that those who met do not meet again.
 * @throws DomainError `aborted` (CONTENTION) when it happened every time or a lock was not to be had, and what `work` throws.
 */
export async function retryDeadlocks<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isContention(error)) throw error;
      const again = error.errno === ER_LOCK_DEADLOCK && attempt < TRIES_MAX && !currentCall()?.signal.aborted;
      if (!again) throw contention(error);
      await sleep(Math.random() * BACKOFF_MS_MAX * attempt);
    }
  }
}

/** Whether a statement failed for a lock that somebody else has, waited for or not. */
export function isLockConflict(error: unknown): boolean {
  return isContention(error) || isLockedNow(error);
}

/** Whether a statement that says NOWAIT met a lock. */
export function isLockedNow(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && error.errno === ER_LOCK_NOWAIT;
}

/** MikroORM keeps the driver's `errno`; a failed commit is not converted at all. */
function isContention(error: unknown): error is Error & { errno: number } {
  if (!(error instanceof Error) || !('errno' in error)) return false;
  return error.errno === ER_LOCK_DEADLOCK || error.errno === ER_LOCK_WAIT_TIMEOUT;
}

function contention(cause: unknown): DomainError {
  const message = 'Other requests are changing the same thing. Try again.';
  return new DomainError('aborted', 'CONTENTION', message, { retryAfterMs: 100 }, { cause });
}
