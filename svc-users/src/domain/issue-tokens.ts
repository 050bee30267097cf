import type { NewId, RefreshTokens, Sessions, SignAccessToken } from './ports.ts';
import { firstRefreshToken } from './refresh-token.ts';
import { Session } from './session.ts';

/** Where a login comes from. */
export interface LoginOrigin {
  readonly address: string;
  readonly userAgent: string;
}

/** What a login or a refresh answers. */
export interface Tokens {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly refreshToken: string;
}

/** What it takes to start a session. */
export interface SessionDeps {
  readonly sessions: Sessions;
  readonly refreshTokens: RefreshTokens;
  readonly newId: NewId;
}

/** Adds a session with its first refresh token. Within a transaction. */
export function startSession(userId: string, origin: LoginOrigin, now: Date, deps: SessionDeps) {
  const session = new Session(deps.newId.session(), userId, origin, now);
  const { token, stored } = firstRefreshToken(session.sessionId, now);
  deps.sessions.add(session);
  deps.refreshTokens.add(stored);
  return { sessionId: session.sessionId, refreshToken: token };
}

/** Adds the access token to what a committed transaction has given. */
export async function withAccessToken(
  userId: string,
  { sessionId, refreshToken }: { sessionId: string; refreshToken: string },
  sign: SignAccessToken,
): Promise<Tokens> {
  const { token, expiresInSeconds } = await sign({ userId, sessionId });
  return { accessToken: token, expiresInSeconds, refreshToken };
}
