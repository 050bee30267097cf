import { DomainError } from '@malla/chassis/errors';
import type { Clock } from './clock.ts';
import type { KnownOrigins } from './known-origins.ts';
import type { NewId, Permissions, Sessions, Takeovers, Transact, Users } from './ports.ts';
import { normalizeEmail, User } from './user.ts';

/** What an external issuer's token says of its subject, as far as a profile can hold it. */
export interface ExternalSubject {
  readonly issuer: string;
  readonly subject: string;
  /** An address that the issuer says is verified; an unverified one counts for nothing. */
  readonly verifiedEmail: string | undefined;
  readonly name: string | undefined;
  readonly pictureUrl: string | undefined;
}

export interface ResolveExternalUserDeps {
  readonly transact: Transact;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly knownOrigins: KnownOrigins;
  readonly permissions: Permissions;
  readonly takeovers: Takeovers;
  readonly newId: NewId;
  readonly clock: Clock;
}

/** Each try that is lost was won by another request, so that few can be lost in a row. */
const TRIES_MAX = 3;

/**
 * The user behind an external subject. At first sight the subject is linked to the account that has its verified address, or
 * gets an account of its own. Two first requests at once end in one account.
 * @throws DomainError `aborted` (IDENTITY_CONTENDED) when other requests were in the way again and again.
 */
export async function resolveExternalUser(subject: ExternalSubject, deps: ResolveExternalUserDeps): Promise<string> {
  for (let attempt = 1; attempt <= TRIES_MAX; attempt += 1) {
    const known = await deps.users.findIdByExternalIdentity(subject.issuer, subject.subject);
    const userId = known ?? (await createOrLink(subject, deps));
    if (userId !== undefined) return userId;
  }
  throw new DomainError('aborted', 'IDENTITY_CONTENDED', 'The account is being created. Try again.');
}

/** Rolls back the account that lost a race for the subject or for its address. */
class Lost extends Error {}

/** @returns undefined when another request was first. */
async function createOrLink(subject: ExternalSubject, deps: ResolveExternalUserDeps): Promise<string | undefined> {
  const now = deps.clock.now();
  const email = subject.verifiedEmail === undefined ? null : normalizeEmail(subject.verifiedEmail);
  try {
    return await deps.transact(async () => {
      const owner = email === null ? undefined : await deps.users.lockByEmail(email);
      if (owner) await claim(owner, now, deps);
      const userId = owner?.userId ?? (await create(subject, email, now, deps));
      if (!(await deps.users.addExternalIdentity(subject.issuer, subject.subject, userId, now))) throw new Lost();
      return userId;
    });
  } catch (error) {
    if (error instanceof Lost) return undefined;
    throw error;
  }
}

/**
 * The subject has proven the address. Whoever registered it here without proof may not be the same person: that password,
 * those sessions and permissions end, or a stranger could wait in the account for its owner to arrive. Other services read of
 * it, and end what they have of the stranger.
 */
async function claim(
  owner: User,
  now: Date,
  {
    sessions,
    knownOrigins,
    permissions,
    takeovers,
  }: Pick<ResolveExternalUserDeps, 'sessions' | 'knownOrigins' | 'permissions' | 'takeovers'>,
): Promise<void> {
  if (owner.emailVerified) return;
  owner.emailVerified = true;
  owner.passwordHash = null;
  owner.updateTime = now;
  await knownOrigins.forget(owner.userId);
  await permissions.removeAll(owner.userId);
  await sessions.revokeAll(owner.userId, now);
  // Last: until the transaction ends, no other takeover goes on.
  await takeovers.add(owner.userId, now);
}

async function create(
  subject: ExternalSubject,
  email: string | null,
  now: Date,
  { users, newId }: ResolveExternalUserDeps,
): Promise<string> {
  const user = new User(newId.user(), email, subject.name ?? '', now);
  user.emailVerified = email !== null;
  user.pictureUrl = subject.pictureUrl ?? '';
  if (!(await users.add(user))) throw new Lost();
  return user.userId;
}
