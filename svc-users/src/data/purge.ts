import { type Clock, plus } from '../domain/clock.ts';
import type { Orm } from './orm.ts';

/** How long an ended session is kept, so that a token stolen from it is still recognised: 7 days. */
const KEPT_MS = 7 * 24 * 3_600_000;
const BATCH = 500;

/** Deletes what has expired, in small transactions: sessions with their refresh tokens, and counts of failed logins. */
export function createPurge(orm: Orm, clock: Clock): () => Promise<void> {
  return async () => {
    const em = orm.em.fork();
    const now = clock.now();
    await em.execute(`DELETE FROM login_attempts WHERE window_end_time < ? LIMIT ${BATCH}`, [now]);
    const rows = await em.execute<{ session_id: Buffer }[]>(
      `SELECT session_id FROM sessions WHERE expire_time < ? ORDER BY expire_time LIMIT ${BATCH}`,
      [plus(now, -KEPT_MS)],
    );
    for (const { session_id } of rows) {
      await em.execute('DELETE FROM refresh_tokens WHERE session_id = ?', [session_id]);
      await em.execute('DELETE FROM sessions WHERE session_id = ?', [session_id]);
    }
  };
}
