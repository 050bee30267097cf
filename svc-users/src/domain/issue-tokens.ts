import type { NewId, Permissions, RefreshTokens, Sessions, SignAccessToken, TokenSubject } from './ports.ts';
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
  readonly permissions: Permissions;
  readonly newId: NewId;
}

/** What a committed transaction has given: all that tokens are made of. */
export interface Granted extends TokenSubject {
  readonly refreshToken: string;
}

/** Adds a session with its first refresh token. Within a transaction. */
export async function startSession(
  userId: string,
  origin: LoginOrigin,
  now: Date,
  deps: SessionDeps,
): Promise<Granted> {
  const session = new Session(deps.newId.session(), userId, origin, now);
  const { token, stored } = firstRefreshToken(session.sessionId, now);
  deps.sessions.add(session);
  deps.refreshTokens.add(stored);
  const permissions = await deps.permissions.of(userId);
  return { userId, sessionId: session.sessionId, permissions, refreshToken: token };
}

/** Adds the access token to what a committed transaction has given. */
export async function withAccessToken({ refreshToken, ...subject }: Granted, sign: SignAccessToken): Promise<Tokens> {
  const { token, expiresInSeconds } = await sign(subject);
  return { accessToken: token, expiresInSeconds, refreshToken };
}
