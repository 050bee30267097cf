import { DomainError } from '@malla/chassis/errors';

/** Counts attempts to guess a password, where all replicas see it. */
export interface LoginAttempts {
  /**
   * Counts an attempt under a key, before its outcome is known, so that attempts at once count one by one.
   * @returns how many there were in the key's window, this one included.
   */
  count(key: string, windowMs: number, now: Date): Promise<number>;
  /** When the window of a key ends. */
  windowEndTime(key: string): Promise<Date | undefined>;
  /** Takes an attempt back that was counted under each of these keys. */
  takeBack(keys: readonly string[]): Promise<void>;
  /** Forgets the attempts under these keys. */
  forget(keys: readonly string[]): Promise<void>;
}

/** Attempts are counted in windows of 15 minutes. */
export const LOGIN_WINDOW_MS = 15 * 60_000;
/** How many wrong passwords one address may try for one identifier in a window. */
export const ATTEMPTS_PER_ADDRESS_MAX = 10;
/** How many wrong passwords all addresses together may try for one identifier in a window. */
export const ATTEMPTS_PER_IDENTIFIER_MAX = 100;

/**
 * Compares a password, unless there were too many attempts. An attempt that is refused for its address does not count against
 * the identifier: a stranger's guesses lock out the stranger and not the owner. One that could not be compared does not count.
 * @param compare compares the password; undefined when it is wrong.
 * @returns what `compare` does.
 * @throws DomainError `exhausted` (LOGIN_LOCKED) with the time to wait, the same whether the account exists or not; and what
 *   `compare` throws.
 */
export async function throttled<Right>(
  { identifier, address }: { identifier: string; address: string },
  compare: () => Promise<Right | undefined>,
  attempts: LoginAttempts,
  now: Date,
): Promise<Right | undefined> {
  const keys = [`${identifier}|${address}`, identifier] as const;
  await admit(keys[0], ATTEMPTS_PER_ADDRESS_MAX, attempts, now);
  await admit(keys[1], ATTEMPTS_PER_IDENTIFIER_MAX, attempts, now);
  const right = await compare().catch(async (error: unknown) => {
    await attempts.takeBack(keys);
    throw error;
  });
  if (right !== undefined) await attempts.forget(keys);
  return right;
}

async function admit(key: string, attemptsMax: number, attempts: LoginAttempts, now: Date): Promise<void> {
  if ((await attempts.count(key, LOGIN_WINDOW_MS, now)) <= attemptsMax) return;
  const windowEndTime = (await attempts.windowEndTime(key)) ?? now;
  const retryAfterMs = Math.max(0, windowEndTime.getTime() - now.getTime());
  throw new DomainError('exhausted', 'LOGIN_LOCKED', 'There were too many failed attempts to log in.', {
    retryAfterMs,
  });
}
