import { DomainError } from '@malla/chassis/errors';
import type { Clock } from './clock.ts';
import type { Transact, Users } from './ports.ts';
import { checkProfile, PROFILE_FIELDS, type ProfileFields, type User } from './user.ts';

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

/** Fields that a client may send back as it read them; they are ignored (AIP-203). */
const OUTPUT_ONLY: ReadonlySet<string> = new Set(['user_id', 'email_verified', 'create_time', 'update_time', 'etag']);

/**
 * Changes the fields of a profile that a mask names (AIP-134).
 * @param mask paths in the proto's spelling; empty for every field that has a value, `*` for all.
 * @throws DomainError `invalid` for a bad value, or a path that does not exist or cannot be changed here; `aborted` (ETAG_MISMATCH).
 */
export async function updateProfile(
  userId: string,
  update: ProfileUpdate,
  mask: readonly string[],
  { transact, users, clock }: UpdateProfileDeps,
): Promise<User> {
  const paths = expandMask(mask, update);
  const changes = changesOf(paths, update);
  checkProfile(changes, 'user.');
  return transact(async () => {
    const user = await users.lock(userId);
    if (!user) throw new DomainError('not-found', 'USER_NOT_FOUND', 'There is no such user.');
    if (paths.includes('email') && update.email !== user.email) throw emailIsFixed();
    user.updateProfile(changes, update.etag, clock.now());
    return user;
  });
}

function changesOf(paths: readonly string[], update: ProfileUpdate): Partial<ProfileFields> {
  const names = Object.entries(PROFILE_FIELDS).filter(([path]) => paths.includes(path));
  return Object.fromEntries(names.map(([, name]) => [name, update[name]]));
}

function expandMask(mask: readonly string[], update: ProfileUpdate): string[] {
  const all = Object.entries(PROFILE_FIELDS);
  if (mask.includes('*')) return all.map(([path]) => path);
  if (mask.length === 0) return all.filter(([, name]) => update[name] !== '').map(([path]) => path);
  const unknown = mask.filter((path) => !(path in PROFILE_FIELDS) && !OUTPUT_ONLY.has(path) && path !== 'email');
  if (unknown.length === 0) return mask.filter((path) => !OUTPUT_ONLY.has(path));
  const fields = unknown.map((path) => ({
    field: 'update_mask',
    reason: 'FIELD_UNKNOWN',
    description: `${path} is no field of a user`,
  }));
  throw new DomainError('invalid', 'UPDATE_MASK_INVALID', 'The update mask names a field that does not exist.', {
    fields,
  });
}

function emailIsFixed(): DomainError {
  const fields = [
    { field: 'user.email', reason: 'FIELD_IMMUTABLE', description: 'is not changed by an update of the profile' },
  ];
  return new DomainError(
    'invalid',
    'EMAIL_IMMUTABLE',
    'The e-mail address is not changed by an update of the profile.',
    { fields },
  );
}
