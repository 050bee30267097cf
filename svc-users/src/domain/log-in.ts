import { DomainError } from '@malla/chassis/errors';
import type { Clock } from './clock.ts';
import { type LoginOrigin, type SessionDeps, startSession, type Tokens, withAccessToken } from './issue-tokens.ts';
import type { KnownOrigins } from './known-origins.ts';
import { type LoginAttempts, throttled } from './login-throttle.ts';
import type { PasswordHasher, SignAccessToken, Transact, Users } from './ports.ts';
import { normalizeEmail } from './user.ts';

export interface LogInDeps extends SessionDeps {
  readonly transact: Transact;
  readonly users: Users;
  readonly attempts: LoginAttempts;
  readonly knownOrigins: KnownOrigins;
  readonly hasher: PasswordHasher;
  readonly sign: SignAccessToken;
  readonly clock: Clock;
}

/**
 * Logs a user in by password. An address without an account costs a comparison as well, and answers alike.
 * @throws DomainError `unauthenticated` (CREDENTIALS_INVALID) or `exhausted` (LOGIN_LOCKED), `unavailable` (SERVER_BUSY).
 */
export async function logIn(
  { email, password }: { email: string; password: string },
  origin: LoginOrigin,
  deps: LogInDeps,
): Promise<Tokens> {
  const now = deps.clock.now();
  const identifier = normalizeEmail(email);
  const user = await deps.users.readByEmail(identifier);
  const known = await deps.knownOrigins.has(user?.userId ?? identifier, origin.address);
  const hashToKeep = await throttled(
    { identifier, origin: origin.address, known },
    () => deps.hasher.check(user?.passwordHash, password),
    deps.attempts,
    now,
  );
  if (!user || hashToKeep === undefined) throw credentialsInvalid();
  const { userId, passwordHash } = user;
  const session = await deps.transact(async () => {
    const locked = await deps.users.lock(userId);
    if (locked?.passwordHash !== passwordHash) throw credentialsInvalid();
    locked.passwordHash = hashToKeep;
    await deps.knownOrigins.add(userId, origin.address, now);
    return startSession(userId, origin, now, deps);
  });
  return withAccessToken(session, deps.sign);
}

function credentialsInvalid(): DomainError {
  const message = 'The e-mail address or the password is wrong.';
  return new DomainError('unauthenticated', 'CREDENTIALS_INVALID', message);
}
