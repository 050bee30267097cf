import type { Clock } from './clock.ts';
import type { RefreshTokens, Sessions, Transact } from './ports.ts';
import { hashRefreshToken } from './refresh-token.ts';

export interface LogOutDeps {
  readonly transact: Transact;
  readonly sessions: Sessions;
  readonly refreshTokens: RefreshTokens;
  readonly clock: Clock;
}

/**
 * Ends a session of the user: the one of `refreshToken` when it is given, else the one that the access token came from. A
 * token of nobody or of somebody else changes nothing, and nothing is said about it (RFC 7009, section 2.2).
 */
export async function logOut(
  caller: { userId: string; sessionId: string | undefined },
  refreshToken: string,
  { transact, sessions, refreshTokens, clock }: LogOutDeps,
): Promise<void> {
  const named = refreshToken === '' ? undefined : await refreshTokens.find(hashRefreshToken(refreshToken));
  const sessionId = refreshToken === '' ? caller.sessionId : named?.sessionId;
  if (sessionId === undefined) return;
  await transact(async () => {
    const session = await sessions.lock(sessionId);
    if (session?.userId === caller.userId) session.revoke(clock.now());
  });
}
