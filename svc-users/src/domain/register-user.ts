import { DomainError } from '@malla/chassis/errors';
import type { Clock } from './clock.ts';
import { type LoginOrigin, type SessionDeps, startSession, type Tokens, withAccessToken } from './issue-tokens.ts';
import type { KnownOrigins } from './known-origins.ts';
import type { PasswordHasher, SignAccessToken, Transact, Users } from './ports.ts';
import { checkProfile, normalizeEmail, User } from './user.ts';

export interface RegisterUserDeps extends SessionDeps {
  readonly transact: Transact;
  readonly users: Users;
  readonly knownOrigins: KnownOrigins;
  readonly hasher: PasswordHasher;
  readonly sign: SignAccessToken;
  readonly clock: Clock;
}

/**
 * Creates an account and logs it in. The password is hashed before anybody looks for the address, so that a taken address
 * takes as long as a free one.
 * @throws DomainError `already-exists` (EMAIL_TAKEN); `invalid` for a name without a visible character.
 */
export async function registerUser(
  input: { email: string; password: string; displayName: string },
  origin: LoginOrigin,
  deps: RegisterUserDeps,
): Promise<Tokens> {
  const now = deps.clock.now();
  checkProfile({ displayName: input.displayName }, '');
  const user = new User(deps.newId.user(), normalizeEmail(input.email), input.displayName, now);
  user.passwordHash = await deps.hasher.hash(input.password);
  const session = await deps.transact(async () => {
    if (!(await deps.users.add(user))) throw emailTaken();
    await deps.knownOrigins.add(user.userId, origin.address, now);
    return startSession(user.userId, origin, now, deps);
  });
  return withAccessToken(session, deps.sign);
}

function emailTaken(): DomainError {
  const fields = [{ field: 'email', reason: 'EMAIL_TAKEN', description: 'has an account already' }];
  return new DomainError('already-exists', 'EMAIL_TAKEN', 'The e-mail address has an account already.', { fields });
}
