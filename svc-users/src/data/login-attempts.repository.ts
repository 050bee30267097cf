import { createHash } from 'node:crypto';
import { retryDeadlocks } from '@malla/chassis/mysql-contention';
import type { QueryResult } from '@mikro-orm/core';
import type { LoginAttempts } from '../domain/login-throttle.ts';
import { marks, readTime } from './columns.ts';
import type { Orm } from './orm.ts';

/** LAST_INSERT_ID brings the count back with the statement that made it, so that no two attempts see the same one. */
const COUNT = `INSERT INTO login_attempts (attempt_key, attempts, window_end_time) VALUES (?, LAST_INSERT_ID(1), ?) AS fresh
  ON DUPLICATE KEY UPDATE
    attempts = LAST_INSERT_ID(IF(login_attempts.window_end_time <= ?, 1, login_attempts.attempts + 1)),
    window_end_time = IF(login_attempts.window_end_time <= ?, fresh.window_end_time, login_attempts.window_end_time)`;

/** Failed logins in MySQL. Keys are hashed: the table holds no address and no identifier. */
export function createLoginAttempts({ em }: Orm): LoginAttempts {
  const execute = (sql: string, parameters: unknown[]) =>
    retryDeadlocks(() => em.execute<QueryResult>(sql, parameters, 'run'));
  return {
    count: async (key, windowMs, now) => {
      const { insertId } = await execute(COUNT, [hashOf(key), new Date(now.getTime() + windowMs), now, now]);
      return Number(insertId);
    },
    windowEndTime: async (key) => {
      const sql = 'SELECT window_end_time FROM login_attempts WHERE attempt_key = ?';
      const [row] = await em.execute<{ window_end_time: string }[]>(sql, [hashOf(key)]);
      return row && readTime(row.window_end_time);
    },
    takeBack: async (keys) => {
      const sql = `UPDATE login_attempts SET attempts = attempts - 1 WHERE attempt_key IN (${marks(keys)}) AND attempts > 0`;
      await execute(sql, keys.map(hashOf));
    },
    forget: async (keys) => {
      await execute(`DELETE FROM login_attempts WHERE attempt_key IN (${marks(keys)})`, keys.map(hashOf));
    },
  };
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
