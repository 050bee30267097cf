import { createHash } from 'node:crypto';
import type { LoginAttempts } from '../domain/login-throttle.ts';
import type { Orm } from './orm.ts';

const COUNT = `INSERT INTO login_attempts (attempt_key, attempts, window_end_time) VALUES (?, 1, ?)
  ON DUPLICATE KEY UPDATE
    attempts = IF(window_end_time <= ?, 1, attempts + 1),
    window_end_time = IF(window_end_time <= ?, ?, window_end_time)`;

/** Failed logins in MySQL. Keys are hashed: the table holds no address and no identifier. */
export function createLoginAttempts({ em }: Orm): LoginAttempts {
  const count = async (key: Buffer, windowEnd: Date, now: Date) => {
    await em.execute(COUNT, [key, windowEnd, now, now, windowEnd]);
    const sql = 'SELECT attempts, window_end_time FROM login_attempts WHERE attempt_key = ?';
    const [row] = await em.execute<{ attempts: number; window_end_time: Date }[]>(sql, [key]);
    return { attempts: row?.attempts ?? 1, windowEndTime: row ? new Date(row.window_end_time) : windowEnd };
  };
  return {
    count: (keys, windowMs, now) =>
      Promise.all(keys.map((key) => count(hashOf(key), new Date(now.getTime() + windowMs), now))),
    forget: async (keys) => {
      await em.execute(
        `DELETE FROM login_attempts WHERE attempt_key IN (${keys.map(() => '?').join(', ')})`,
        keys.map(hashOf),
      );
    },
  };
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
