import { DomainError } from '@malla/chassis/errors';
import { expandMask, type MaskRules, maskedValues } from '@malla/chassis/field-mask';
import type { Clock } from './clock.ts';
import type { Transact, Users } from './ports.ts';
import { checkProfile, normalizeEmail, PROFILE_FIELDS, type ProfileFields, type User } from './user.ts';

/** What a client sends of a profile: everything, and a mask that tells what of it counts. */
export interface ProfileUpdate extends ProfileFields {
  readonly email: string;
  readonly etag: string;
}

export interface UpdateProfileDeps {
  readonly transact: Transact;
  readonly users: Users;
  readonly clock: Clock;
}

/** The address may be sent back as it was read. */
const MASK: MaskRules<ProfileFields> = {
  fields: PROFILE_FIELDS,
  outputOnly: new Set(['user_id', 'email_verified', 'create_time', 'update_time', 'etag']),
  immutable: new Set(['email']),
};

/**
 * Changes the fields of a profile that a mask names (AIP-134).
 * @param mask paths in the proto's spelling; empty for every field that has a value, `*` for all.
 * @throws DomainError `invalid` for a bad value, or a path that does not exist or cannot be changed here; `not-found`
 *   (USER_NOT_FOUND); `aborted` (ETAG_MISMATCH).
 */
export async function updateProfile(
  userId: string,
  update: ProfileUpdate,
  mask: readonly string[],
  { transact, users, clock }: UpdateProfileDeps,
): Promise<User> {
  const changes = maskedValues(expandMask(mask, update, MASK), update, MASK);
  checkProfile(changes, 'user.');
  return transact(async () => {
    const user = await users.lock(userId);
    if (!user) throw new DomainError('not-found', 'USER_NOT_FOUND', 'There is no such user.');
    if (changesEmail(mask, update, user)) throw emailIsFixed();
    user.updateProfile(changes, update.etag, clock.now());
    return user;
  });
}

/** A client may send the address back as it read it. An empty one says nothing, unless the mask names it. */
function changesEmail(mask: readonly string[], { email }: ProfileUpdate, user: User): boolean {
  const named = mask.includes('email') || (email !== '' && (mask.length === 0 || mask.includes('*')));
  return named && normalizeEmail(email) !== (user.email ?? '');
}

function emailIsFixed(): DomainError {
  const message = 'The e-mail address is not changed by an update of the profile.';
  const fields = [{ field: 'user.email', reason: 'FIELD_IMMUTABLE', description: 'is not changed by an update' }];
  return new DomainError('invalid', 'EMAIL_IMMUTABLE', message, { fields });
}
