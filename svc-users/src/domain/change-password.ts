import { DomainError } from '@malla/chassis/errors';
import type { Clock } from './clock.ts';
import type { KnownOrigins } from './known-origins.ts';
import { type LoginAttempts, throttled } from './login-throttle.ts';
import type { PasswordHasher, Sessions, Transact, Users } from './ports.ts';

export interface ChangePasswordDeps {
  readonly transact: Transact;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly attempts: LoginAttempts;
  readonly knownOrigins: KnownOrigins;
  readonly hasher: PasswordHasher;
  readonly clock: Clock;
}

/**
 * Changes a password and ends the user's other sessions.
 * @throws DomainError `invalid` (CURRENT_PASSWORD_WRONG); `precondition` (PASSWORD_NOT_SET) when only an external issuer
 *   vouches for the user; `exhausted` (LOGIN_LOCKED), `unavailable` (SERVER_BUSY); `aborted` (PASSWORD_CHANGED) when another change came first.
 */
export async function changePassword(
  caller: { userId: string; sessionId: string | undefined; address: string },
  input: { currentPassword: string; newPassword: string },
  deps: ChangePasswordDeps,
): Promise<void> {
  const { users, hasher, clock } = deps;
  const user = await users.read(caller.userId);
  if (!user?.passwordHash) throw new DomainError('precondition', 'PASSWORD_NOT_SET', 'The account has no password.');
  const { passwordHash } = user;
  const right = await throttled(
    // A session is known: who stole one guesses on its own account, from however many addresses.
    { identifier: caller.userId, origin: caller.sessionId ?? caller.address, known: caller.sessionId !== undefined },
    () => hasher.check(passwordHash, input.currentPassword),
    deps.attempts,
    clock.now(),
  );
  if (right === undefined) throw currentPasswordWrong();
  const newHash = await hasher.hash(input.newPassword);
  await deps.transact(async () => {
    const locked = await users.lock(caller.userId);
    if (locked?.passwordHash !== passwordHash) {
      throw new DomainError('aborted', 'PASSWORD_CHANGED', 'The password was changed by another request meanwhile.');
    }
    locked.passwordHash = newHash;
    await deps.knownOrigins.forget(caller.userId);
    await deps.knownOrigins.add(caller.userId, caller.address, clock.now());
    await deps.sessions.revokeAll(caller.userId, clock.now(), caller.sessionId);
  });
}

function currentPasswordWrong(): DomainError {
  const fields = [
    { field: 'current_password', reason: 'CURRENT_PASSWORD_WRONG', description: 'is not the password of this account' },
  ];
  return new DomainError('invalid', 'CURRENT_PASSWORD_WRONG', 'The current password is wrong.', { fields });
}
