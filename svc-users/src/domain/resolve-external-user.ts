import { DomainError } from '@malla/chassis/errors';
import type { Clock } from './clock.ts';
import type { NewId, Sessions, Transact, Users } from './ports.ts';
import { normalizeEmail, User } from './user.ts';

/** What an external issuer's token says of its subject. */
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
  readonly newId: NewId;
  readonly clock: Clock;
}

/**
 * The user behind an external subject. At first sight the subject is linked to the account that has its verified address, or
 * gets an account of its own. Two first requests at once end in one account.
 */
export async function resolveExternalUser(subject: ExternalSubject, deps: ResolveExternalUserDeps): Promise<string> {
  const known = await deps.users.findIdByExternalIdentity(subject.issuer, subject.subject);
  if (known !== undefined) return known;
  const created = await deps
    .transact(() => createOrLink(subject, deps))
    .catch((error: unknown) => {
      if (error instanceof LinkedMeanwhile) return undefined;
      throw error;
    });
  const userId = created ?? (await deps.users.findIdByExternalIdentity(subject.issuer, subject.subject));
  if (userId === undefined)
    throw new DomainError('aborted', 'IDENTITY_CONTENDED', 'The account is being created. Try again.');
  return userId;
}

/** Rolls back the account that lost a race. */
class LinkedMeanwhile extends Error {}

async function createOrLink(subject: ExternalSubject, deps: ResolveExternalUserDeps): Promise<string> {
  const now = deps.clock.now();
  const email = subject.verifiedEmail === undefined ? undefined : normalizeEmail(subject.verifiedEmail);
  const owner = email === undefined ? undefined : await deps.users.lockByEmail(email);
  if (owner) await claim(owner, now, deps.sessions);
  const userId = owner?.userId ?? (await create(subject, email, now, deps));
  if (!(await deps.users.addExternalIdentity(subject.issuer, subject.subject, userId, now)))
    throw new LinkedMeanwhile();
  return userId;
}

/**
 * The subject has proven the address. Whoever registered it here without proof may not be the same person: that password and
 * those sessions end, or a stranger could wait in the account for its owner to arrive.
 */
async function claim(owner: User, now: Date, sessions: Sessions): Promise<void> {
  if (owner.emailVerified) return;
  owner.emailVerified = true;
  owner.passwordHash = null;
  owner.updateTime = now;
  await sessions.revokeAll(owner.userId, now);
}

async function create(
  subject: ExternalSubject,
  email: string | undefined,
  now: Date,
  { users, newId }: ResolveExternalUserDeps,
) {
  const user = new User(newId.user(), email ?? null, subject.name?.trim().slice(0, 100) ?? '', now);
  user.emailVerified = email !== undefined;
  if (subject.pictureUrl?.startsWith('https://')) user.pictureUrl = subject.pictureUrl.slice(0, 2048);
  if (!(await users.add(user))) throw new LinkedMeanwhile();
  return user.userId;
}
