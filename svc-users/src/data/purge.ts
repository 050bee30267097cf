import { retryDeadlocks } from '@malla/chassis/mysql-contention';
import type { QueryResult } from '@mikro-orm/core';
import { type Clock, plus } from '../domain/clock.ts';
import { USED_TOKEN_KEPT_MS } from '../domain/refresh-token.ts';
import { marks } from './columns.ts';
import type { Orm } from './orm.ts';

/** How long an expired session is kept: 7 days. */
const SESSION_KEPT_MS = 7 * 24 * 3_600_000;
const BATCH = 500;

/**
 * Deletes what nothing needs any more, in small transactions until nothing is left: counts of failed logins, used refresh
 * tokens, and expired sessions with their tokens.
 */
export function createPurge(orm: Orm, clock: Clock): () => Promise<void> {
  const remove = async (sql: string, parameters: unknown[]): Promise<number> => {
    const { affectedRows } = await retryDeadlocks(() => orm.em.fork().execute<QueryResult>(sql, parameters, 'run'));
    return affectedRows;
  };
  const removeAll = async (sql: string, before: Date) => {
    while ((await remove(`${sql} LIMIT ${BATCH}`, [before])) === BATCH);
  };
  const removeSessions = async (before: Date): Promise<void> => {
    const sql = `SELECT session_id FROM sessions WHERE expire_time < ? ORDER BY expire_time LIMIT ${BATCH}`;
    const rows = await orm.em.fork().execute<{ session_id: Buffer }[]>(sql, [before]);
    if (rows.length === 0) return;
    const ids = rows.map(({ session_id }) => session_id);
    await remove(`DELETE FROM refresh_tokens WHERE session_id IN (${marks(ids)})`, ids);
    await remove(`DELETE FROM sessions WHERE session_id IN (${marks(ids)})`, ids);
    if (rows.length === BATCH) await removeSessions(before);
  };
  return async () => {
    const now = clock.now();
    await removeAll('DELETE FROM login_attempts WHERE window_end_time < ?', now);
    await removeAll('DELETE FROM refresh_tokens WHERE use_time < ?', plus(now, -USED_TOKEN_KEPT_MS));
    await removeSessions(plus(now, -SESSION_KEPT_MS));
  };
}
