import { DomainError } from '@malla/chassis/errors';
import type { Clock } from './clock.ts';
import { type Tokens, withAccessToken } from './issue-tokens.ts';
import type { KnownOrigins } from './known-origins.ts';
import type { Permissions, RefreshTokens, Sessions, SignAccessToken, Transact } from './ports.ts';
import { hashRefreshToken, nextRefreshToken, type RefreshToken, successorOf } from './refresh-token.ts';

export interface RefreshSessionDeps {
  readonly transact: Transact;
  readonly sessions: Sessions;
  readonly refreshTokens: RefreshTokens;
  readonly knownOrigins: KnownOrigins;
  readonly permissions: Permissions;
  readonly sign: SignAccessToken;
  readonly clock: Clock;
}

/**
 * Exchanges a refresh token for new tokens. Shortly after its first use it gives the same refresh token again, as long as that
 * one was not used: the answer was lost, or two requests went out at once. Any other second use means that the token was
 * copied: the whole family ends, since nobody can tell the thief from the owner (RFC 9700, section 4.14.2).
 * @throws DomainError `unauthenticated` (REFRESH_TOKEN_INVALID or REFRESH_TOKEN_REUSED).
 */
export async function refreshSession(refreshToken: string, address: string, deps: RefreshSessionDeps): Promise<Tokens> {
  const family = (await deps.refreshTokens.find(hashRefreshToken(refreshToken)))?.sessionId;
  if (family === undefined) throw invalidToken();
  const outcome = await deps.transact(() => rotate(refreshToken, family, address, deps));
  if (outcome === 'invalid') throw invalidToken();
  if (outcome === 'reused') throw reusedToken();
  return withAccessToken(outcome, deps.sign);
}

/** The session's lock comes first: exchanges of one family go one after the other. */
async function rotate(refreshToken: string, sessionId: string, address: string, deps: RefreshSessionDeps) {
  const { sessions, refreshTokens } = deps;
  const now = deps.clock.now();
  const session = await sessions.lock(sessionId);
  const stored = await refreshTokens.find(hashRefreshToken(refreshToken));
  if (!session || !stored || !session.isLive(now)) return 'invalid';
  const isFirstUse = stored.useTime === null;
  const next = isFirstUse
    ? exchange(refreshToken, stored, now, refreshTokens)
    : await repeat(refreshToken, stored, now, refreshTokens);
  if (next === undefined) {
    session.revoke(now);
    return 'reused';
  }
  session.touch(now);
  const { userId } = session;
  // A device that moves about is known where it was last.
  if (isFirstUse) await deps.knownOrigins.add(userId, address, now);
  return { userId, sessionId, permissions: await deps.permissions.of(userId), refreshToken: next };
}

function exchange(refreshToken: string, stored: RefreshToken, now: Date, refreshTokens: RefreshTokens): string {
  const next = nextRefreshToken(refreshToken, stored.sessionId, now);
  refreshTokens.add(next.stored);
  stored.exchangeFor(next.stored, now);
  return next.token;
}

/** Gives the successor of a used token again; undefined when the token must not be used any more. */
async function repeat(refreshToken: string, stored: RefreshToken, now: Date, refreshTokens: RefreshTokens) {
  if (!stored.isInGrace(now) || !stored.successorHash) return undefined;
  const successor = await refreshTokens.find(stored.successorHash);
  return successor?.salt ? successorOf(refreshToken, successor.salt) : undefined;
}

function invalidToken(): DomainError {
  const message = 'The refresh token is unknown, expired or revoked.';
  return new DomainError('unauthenticated', 'REFRESH_TOKEN_INVALID', message);
}

function reusedToken(): DomainError {
  const message = 'The refresh token was used before. Its session has ended.';
  return new DomainError('unauthenticated', 'REFRESH_TOKEN_REUSED', message);
}
