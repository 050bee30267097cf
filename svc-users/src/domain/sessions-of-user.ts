import { DomainError } from '@malla/chassis/errors';
import type { Clock } from './clock.ts';
import type { Sessions, Transact } from './ports.ts';
import type { SessionRecord } from './session.ts';

const PAGE_SIZE_DEFAULT = 20;

/** A page of sessions, and the last session's id when there are more. */
export interface SessionPage {
  readonly sessions: readonly SessionRecord[];
  readonly next: string | undefined;
}

export interface SessionsOfUserDeps {
  readonly transact: Transact;
  readonly sessions: Sessions;
  readonly clock: Clock;
}

/** Lists a user's live sessions, newest first, from the one that is older than `before`. `pageSize` 0 means 20. */
export async function listSessions(
  userId: string,
  pageSize: number,
  before: string | undefined,
  { sessions, clock }: Omit<SessionsOfUserDeps, 'transact'>,
): Promise<SessionPage> {
  const limit = pageSize || PAGE_SIZE_DEFAULT;
  const found = await sessions.listLive(userId, clock.now(), limit + 1, before);
  const page = found.slice(0, limit);
  return { sessions: page, next: found.length > limit ? page.at(-1)?.sessionId : undefined };
}

/**
 * Ends one of a user's sessions; again without effect.
 * @throws DomainError `not-found` (SESSION_NOT_FOUND) when the session is nobody's or somebody else's.
 */
export async function revokeSession(
  userId: string,
  sessionId: string,
  { transact, sessions, clock }: SessionsOfUserDeps,
): Promise<void> {
  await transact(async () => {
    const session = await sessions.lock(sessionId);
    if (session?.userId !== userId) {
      throw new DomainError('not-found', 'SESSION_NOT_FOUND', 'There is no such session.');
    }
    session.revoke(clock.now());
  });
}
