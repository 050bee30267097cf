import { DomainError } from '@malla/chassis/errors';

/** Counts attempts to guess a password, where all replicas see it. */
export interface LoginAttempts {
  /**
   * Counts an attempt under each key, before its outcome is known, so that attempts at once count one by one.
   * @returns for each key the attempts in its window, and when the window ends.
   */
  count(keys: readonly string[], windowMs: number, now: Date): Promise<{ attempts: number; windowEndTime: Date }[]>;
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
 * Lets an attempt to log in through, or refuses it. Counting per address first means that a stranger's guesses lock out the
 * stranger and not the owner.
 * @returns what to call when the password was right.
 * @throws DomainError `exhausted` (LOGIN_LOCKED) with the time to wait, the same whether the account exists or not.
 */
export async function throttleLogin(
  identifier: string,
  address: string,
  attempts: LoginAttempts,
  now: Date,
): Promise<() => Promise<void>> {
  const keys = [`${identifier}|${address}`, identifier];
  const limits = [ATTEMPTS_PER_ADDRESS_MAX, ATTEMPTS_PER_IDENTIFIER_MAX];
  const counts = await attempts.count(keys, LOGIN_WINDOW_MS, now);
  const locked = counts.filter((count, index) => count.attempts > (limits[index] ?? 0));
  if (locked.length === 0) return () => attempts.forget(keys);
  const retryAfterMs = Math.max(...locked.map(({ windowEndTime }) => windowEndTime.getTime() - now.getTime()));
  throw new DomainError('exhausted', 'LOGIN_LOCKED', 'There were too many failed attempts to log in.', {
    retryAfterMs,
  });
}
