import { DomainError } from '@malla/chassis/errors';
import type { Clock } from './clock.ts';
import { addRefreshToken, type Tokens, withAccessToken } from './issue-tokens.ts';
import type { RefreshTokens, Sessions, SignAccessToken, Transact } from './ports.ts';
import { hashRefreshToken } from './refresh-token.ts';

export interface RefreshSessionDeps {
  readonly transact: Transact;
  readonly sessions: Sessions;
  readonly refreshTokens: RefreshTokens;
  readonly sign: SignAccessToken;
  readonly clock: Clock;
}

/**
 * Exchanges a refresh token for new tokens. A token that was exchanged before, outside the short grace, has been copied: the
 * whole family ends, since nobody can tell the thief from the owner (RFC 9700, section 4.14.2).
 * @throws DomainError `unauthenticated` (REFRESH_TOKEN_INVALID or REFRESH_TOKEN_REUSED).
 */
export async function refreshSession(refreshToken: string, deps: RefreshSessionDeps): Promise<Tokens> {
  const hash = hashRefreshToken(refreshToken);
  const family = (await deps.refreshTokens.find(hash))?.sessionId;
  if (family === undefined) throw invalidToken();
  const outcome = await deps.transact(() => rotate(hash, family, deps));
  if (outcome === 'invalid') throw invalidToken();
  if (outcome === 'reused') {
    throw new DomainError(
      'unauthenticated',
      'REFRESH_TOKEN_REUSED',
      'The refresh token was used before. Its session has ended.',
    );
  }
  return withAccessToken(outcome.userId, outcome, deps.sign);
}

/** The session's lock comes first: exchanges of one family go one after the other. */
async function rotate(hash: Buffer, sessionId: string, { sessions, refreshTokens, clock }: RefreshSessionDeps) {
  const now = clock.now();
  const session = await sessions.lock(sessionId);
  const token = await refreshTokens.lock(hash);
  if (!session || !token || !session.isLive(now)) return 'invalid';
  if (!token.mayBeUsed(now, await refreshTokens.hasUsedSuccessor(hash))) {
    session.revoke(now);
    return 'reused';
  }
  token.use(now);
  session.touch(now);
  return { userId: session.userId, sessionId, refreshToken: addRefreshToken(sessionId, hash, now, refreshTokens) };
}

function invalidToken(): DomainError {
  return new DomainError(
    'unauthenticated',
    'REFRESH_TOKEN_INVALID',
    'The refresh token is unknown, expired or revoked.',
  );
}
