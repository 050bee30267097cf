import { DomainError } from '@malla/chassis/errors';
import type { Session as SessionMessage } from '@malla/proto/malla/users/v1/session';
import type { User as UserMessage } from '@malla/proto/malla/users/v1/user';
import type { LoginResponse } from '@malla/proto/malla/users/v1/users_service';
import { isTypeId } from '../domain/ids.ts';
import type { Tokens } from '../domain/issue-tokens.ts';
import type { SessionRecord } from '../domain/session.ts';
import { etagOf, type UserRecord } from '../domain/user.ts';

/** Tokens in OAuth's names: register, login and refresh answer alike. */
export function toTokenResponse({ accessToken, expiresInSeconds, refreshToken }: Tokens): LoginResponse {
  return { accessToken, tokenType: 'Bearer', expiresIn: expiresInSeconds, refreshToken };
}

export function toUserMessage(user: UserRecord): UserMessage {
  return {
    userId: user.userId,
    email: user.email ?? '',
    emailVerified: user.emailVerified,
    displayName: user.displayName,
    locale: user.locale,
    timeZone: user.timeZone,
    pictureUrl: user.pictureUrl,
    createTime: user.createTime,
    updateTime: user.updateTime,
    etag: etagOf(user),
  };
}

export function toSessionMessage(session: SessionRecord, currentSessionId: string | undefined): SessionMessage {
  return {
    sessionId: session.sessionId,
    userAgent: session.userAgent,
    ipAddress: session.ipAddress,
    createTime: session.createTime,
    lastUseTime: session.lastUseTime,
    expireTime: session.expireTime,
    current: session.sessionId === currentSessionId,
  };
}

/** An opaque page token for the last session of a page. */
export function toPageToken(sessionId: string | undefined): string {
  return sessionId === undefined ? '' : Buffer.from(sessionId).toString('base64url');
}

/** @throws DomainError `invalid` (PAGE_TOKEN_INVALID) for a token that no page gave. */
export function fromPageToken(token: string): string | undefined {
  if (token === '') return undefined;
  const sessionId = Buffer.from(token, 'base64url').toString();
  if (isTypeId(sessionId, 'ses')) return sessionId;
  const fields = [{ field: 'page_token', reason: 'PAGE_TOKEN_INVALID', description: 'is not the token of a page' }];
  throw new DomainError('invalid', 'PAGE_TOKEN_INVALID', 'The page token is not one that was given.', { fields });
}
