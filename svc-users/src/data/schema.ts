import { defineEntity, p } from '@mikro-orm/core';
import { RefreshToken } from '../domain/refresh-token.ts';
import { Session } from '../domain/session.ts';
import { type PublicJwk, SigningKey } from '../domain/signing-key.ts';
import { User } from '../domain/user.ts';
import { TypeIdColumn } from './type-id-column.ts';

const time = () => p.datetime(3);
const id = (prefix: string) => p.type(new TypeIdColumn(prefix)).$type<string>();

/** How the domain's classes lie in MySQL. The tables themselves are made by the migrations. */
export const userSchema = defineEntity({
  class: User,
  tableName: 'users',
  properties: {
    userId: id('usr').primary(),
    email: p.string().nullable(),
    emailVerified: p.boolean(),
    displayName: p.string(),
    locale: p.string(),
    timeZone: p.string(),
    pictureUrl: p.string(),
    passwordHash: p.string().nullable(),
    createTime: time(),
    updateTime: time(),
    version: p.integer().version(),
  },
});

export const sessionSchema = defineEntity({
  class: Session,
  tableName: 'sessions',
  properties: {
    sessionId: id('ses').primary(),
    userId: id('usr'),
    userAgent: p.string(),
    ipAddress: p.string(),
    createTime: time(),
    lastUseTime: time(),
    expireTime: time(),
    revokeTime: time().nullable(),
  },
});

export const refreshTokenSchema = defineEntity({
  class: RefreshToken,
  tableName: 'refresh_tokens',
  properties: {
    hash: p.type(Buffer).primary(),
    sessionId: id('ses'),
    salt: p.type(Buffer).nullable(),
    issueTime: time(),
    useTime: time().nullable(),
    successorHash: p.type(Buffer).nullable(),
  },
});

export const signingKeySchema = defineEntity({
  class: SigningKey,
  tableName: 'signing_keys',
  properties: {
    sequence: p.integer().primary(),
    publicJwk: p.json<PublicJwk>(),
    encryptedPrivateJwk: p.text(),
    createTime: time(),
    activateTime: time(),
  },
});
