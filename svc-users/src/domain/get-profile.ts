import { DomainError } from '@malla/chassis/errors';
import type { Users } from './ports.ts';
import type { UserRecord } from './user.ts';

export interface GetProfileDeps {
  readonly users: Users;
}

/** @throws DomainError `not-found` (USER_NOT_FOUND) when the token's user is gone. */
export async function getProfile(userId: string, { users }: GetProfileDeps): Promise<UserRecord> {
  const user = await users.read(userId);
  if (!user) throw new DomainError('not-found', 'USER_NOT_FOUND', 'There is no such user.');
  return user;
}
