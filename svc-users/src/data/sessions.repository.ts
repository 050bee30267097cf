import { LockMode } from '@mikro-orm/core';
import type { RefreshTokens, Sessions } from '../domain/ports.ts';
import { RefreshToken } from '../domain/refresh-token.ts';
import { Session, type SessionRecord } from '../domain/session.ts';
import { readId, readTime, writeId } from './columns.ts';
import type { Orm } from './orm.ts';

const LOCKED = { lockMode: LockMode.PESSIMISTIC_WRITE } as const;
const LIVE = 'revoke_time IS NULL AND expire_time > ?';

/** Sessions in MySQL. */
export function createSessions({ em }: Orm): Sessions {
  return {
    lock: async (sessionId) => (await em.findOne(Session, { sessionId }, LOCKED)) ?? undefined,
    add: (session) => void em.persist(session),
    listLive: async (userId, now, limit, before) => {
      const older = before === undefined ? [] : [writeId('ses', before)];
      const sql = `SELECT * FROM sessions WHERE user_id = ? AND ${LIVE} ${older.length > 0 ? 'AND session_id < ?' : ''}
        ORDER BY session_id DESC LIMIT ?`;
      const rows = await em.execute<SessionRow[]>(sql, [writeId('usr', userId), now, ...older, limit]);
      return rows.map(toRecord);
    },
    isLive: async (sessionId, now) => {
      const sql = `SELECT 1 FROM sessions WHERE session_id = ? AND ${LIVE}`;
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

interface SessionRow {
  readonly session_id: Buffer;
  readonly user_id: Buffer;
  readonly user_agent: string;
  readonly ip_address: string;
  readonly create_time: string;
  readonly last_use_time: string;
  readonly expire_time: string;
  readonly revoke_time: string | null;
}

function toRecord(row: SessionRow): SessionRecord {
  return {
    sessionId: readId('ses', row.session_id),
    userId: readId('usr', row.user_id),
    userAgent: row.user_agent,
    ipAddress: row.ip_address,
    createTime: readTime(row.create_time),
    lastUseTime: readTime(row.last_use_time),
    expireTime: readTime(row.expire_time),
    revokeTime: row.revoke_time === null ? null : readTime(row.revoke_time),
  };
}
