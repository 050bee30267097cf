import { DomainError } from '@malla/chassis/errors';
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

/** Fields that a client may send back as it read them; they are ignored (AIP-203). */
const OUTPUT_ONLY: ReadonlySet<string> = new Set(['user_id', 'email_verified', 'create_time', 'update_time', 'etag']);
/** How many unknown paths an error names; a mask may hold thousands. */
const FAULTS_MAX = 10;

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
  checkMask(mask);
  const changes = changesOf(mask, update);
  checkProfile(changes, 'user.');
  return transact(async () => {
    const user = await users.lock(userId);
    if (!user) throw new DomainError('not-found', 'USER_NOT_FOUND', 'There is no such user.');
    if (changesEmail(mask, update, user)) throw emailIsFixed();
    user.updateProfile(changes, update.etag, clock.now());
    return user;
  });
}

function changesOf(mask: readonly string[], update: ProfileUpdate): Partial<ProfileFields> {
  const fields = Object.entries(PROFILE_FIELDS).filter(([path, name]) => {
    if (mask.includes('*')) return true;
    return mask.length === 0 ? update[name] !== '' : mask.includes(path);
  });
  return Object.fromEntries(fields.map(([, name]) => [name, update[name]]));
}

/** A client may send the address back as it read it. An empty one says nothing, unless the mask names it. */
function changesEmail(mask: readonly string[], { email }: ProfileUpdate, user: User): boolean {
  const named = mask.includes('email') || (email !== '' && (mask.length === 0 || mask.includes('*')));
  return named && normalizeEmail(email) !== (user.email ?? '');
}

function checkMask(mask: readonly string[]): void {
  const known = (path: string) =>
    path === '*' || path === 'email' || OUTPUT_ONLY.has(path) || Object.hasOwn(PROFILE_FIELDS, path);
  const unknown = mask.filter((path) => !known(path));
  if (unknown.length === 0) return;
  const fields = unknown.slice(0, FAULTS_MAX).map((path) => ({
    field: 'update_mask',
    reason: 'FIELD_UNKNOWN',
    description: `${path.slice(0, 100)} is no field of a user`,
  }));
  const message = 'The update mask names a field that does not exist.';
  throw new DomainError('invalid', 'UPDATE_MASK_INVALID', message, { fields });
}

function emailIsFixed(): DomainError {
  const message = 'The e-mail address is not changed by an update of the profile.';
  const fields = [{ field: 'user.email', reason: 'FIELD_IMMUTABLE', description: 'is not changed by an update' }];
  return new DomainError('invalid', 'EMAIL_IMMUTABLE', message, { fields });
}
