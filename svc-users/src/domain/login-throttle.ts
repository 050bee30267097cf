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

/** Who tries. */
export interface Attempt {
  /** Whose password is guessed. */
  readonly identifier: string;
  /** Where from: an address, or what else an attacker cannot have many of. */
  readonly origin: string;
  /** Whether the owner has used this origin before. */
  readonly known: boolean;
}

/** Attempts are counted in windows of 15 minutes. */
export const LOGIN_WINDOW_MS = 15 * 60_000;
/** How many wrong passwords one origin may try for one identifier in a window. */
export const ATTEMPTS_PER_ADDRESS_MAX = 10;
/** How many wrong passwords all origins together that the owner has not used may try for one identifier in a window. */
export const ATTEMPTS_PER_IDENTIFIER_MAX = 100;

/**
 * Compares a password, unless there were too many attempts. Attempts from an origin that the owner has used before count by
 * themselves: however many strangers guess, the owner gets in from there. All others share a budget for the identifier, which
 * the right password does not give back, or each login of the owner would pay for a hundred more guesses. An attempt that is
 * refused for its origin does not count against the identifier; one that could not be compared does not count at all.
 * @param compare compares the password; undefined when it is wrong.
 * @returns what `compare` does.
 * @throws DomainError `exhausted` (LOGIN_LOCKED) with the time to wait, the same whether the account exists or not; and what
 *   `compare` throws.
 */
export async function throttled<Right>(
  { identifier, origin, known }: Attempt,
  compare: () => Promise<Right | undefined>,
  attempts: LoginAttempts,
  now: Date,
): Promise<Right | undefined> {
  const own = `${identifier}|${origin}`;
  const shared = known ? [] : [identifier];
  await admit(own, ATTEMPTS_PER_ADDRESS_MAX, attempts, now);
  for (const key of shared) await admit(key, ATTEMPTS_PER_IDENTIFIER_MAX, attempts, now);
  const right = await compare().catch(async (error: unknown) => {
    await attempts.takeBack([own, ...shared]);
    throw error;
  });
  if (right === undefined) return undefined;
  await attempts.forget([own]);
  if (shared.length > 0) await attempts.takeBack(shared);
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
