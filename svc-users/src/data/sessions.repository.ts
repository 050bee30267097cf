import { LockMode } from '@mikro-orm/core';
import type { RefreshTokens, Sessions } from '../domain/ports.ts';
import { RefreshToken } from '../domain/refresh-token.ts';
import { Session } from '../domain/session.ts';
import { writeId } from './columns.ts';
import type { Orm } from './orm.ts';

const LOCKED = { lockMode: LockMode.PESSIMISTIC_WRITE } as const;

/** Sessions in MySQL. */
export function createSessions({ em }: Orm): Sessions {
  return {
    find: async (sessionId) => (await em.findOne(Session, { sessionId })) ?? undefined,
    lock: async (sessionId) => (await em.findOne(Session, { sessionId }, LOCKED)) ?? undefined,
    add: (session) => void em.persist(session),
    listLive: (userId, now, limit, before) =>
      em.find(
        Session,
        {
          userId,
          revokeTime: null,
          expireTime: { $gt: now },
          ...(before !== undefined && { sessionId: { $lt: before } }),
        },
        { orderBy: { sessionId: 'desc' }, limit },
      ),
    isLive: async (sessionId, now) => {
      const sql = 'SELECT 1 FROM sessions WHERE session_id = ? AND revoke_time IS NULL AND expire_time > ?';
      const rows = await em.execute<unknown[]>(sql, [writeId('ses', sessionId), now]);
      return rows.length > 0;
    },
    revokeAll: async (userId, now, exceptSessionId) => {
      const others = exceptSessionId === undefined ? {} : { sessionId: { $ne: exceptSessionId } };
      await em.nativeUpdate(Session, { userId, revokeTime: null, ...others }, { revokeTime: now });
    },
  };
}

/** Refresh tokens in MySQL. */
export function createRefreshTokens({ em }: Orm): RefreshTokens {
  return {
    find: async (hash) => (await em.findOne(RefreshToken, { hash })) ?? undefined,
    add: (token) => void em.persist(token),
  };
}
