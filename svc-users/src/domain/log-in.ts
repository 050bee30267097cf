import { DomainError } from '@malla/chassis/errors';
import type { Clock } from './clock.ts';
import { type LoginOrigin, type SessionDeps, startSession, type Tokens, withAccessToken } from './issue-tokens.ts';
import { type LoginAttempts, throttleLogin } from './login-throttle.ts';
import type { PasswordHasher, SignAccessToken, Transact, Users } from './ports.ts';
import { normalizeEmail, type User } from './user.ts';

export interface LogInDeps extends SessionDeps {
  readonly transact: Transact;
  readonly users: Users;
  readonly attempts: LoginAttempts;
  readonly hasher: PasswordHasher;
  readonly sign: SignAccessToken;
  readonly clock: Clock;
}

/**
 * Logs a user in by password. An address without an account costs a comparison as well, and answers alike.
 * @throws DomainError `unauthenticated` (CREDENTIALS_INVALID) or `exhausted` (LOGIN_LOCKED).
 */
export async function logIn(
  { email, password }: { email: string; password: string },
  origin: LoginOrigin,
  deps: LogInDeps,
): Promise<Tokens> {
  const now = deps.clock.now();
  const identifier = normalizeEmail(email);
  const passed = await throttleLogin(identifier, origin.address, deps.attempts, now);
  const user = await deps.users.findByEmail(identifier);
  const matches = await deps.hasher.verify(user?.passwordHash, password);
  if (!user || !matches) {
    throw new DomainError('unauthenticated', 'CREDENTIALS_INVALID', 'The e-mail address or the password is wrong.');
  }
  await passed();
  const rehashed = await rehash(user, password, deps.hasher);
  const session = await deps.transact(async () => {
    const locked = await deps.users.lock(user.userId);
    if (locked?.passwordHash !== user.passwordHash) {
      throw new DomainError('unauthenticated', 'CREDENTIALS_INVALID', 'The e-mail address or the password is wrong.');
    }
    if (rehashed !== undefined) locked.passwordHash = rehashed;
    return startSession(user.userId, origin, now, deps);
  });
  return withAccessToken(user.userId, session, deps.sign);
}

async function rehash({ passwordHash }: User, password: string, hasher: PasswordHasher): Promise<string | undefined> {
  return passwordHash !== null && hasher.isOutdated(passwordHash) ? hasher.hash(password) : undefined;
}
