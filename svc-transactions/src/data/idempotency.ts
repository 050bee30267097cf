import type { IdempotencyStore } from '@malla/chassis/idempotency';
import type { Clock } from '../domain/clock.ts';
import { readTime } from './columns.ts';
import type { Orm } from './orm.ts';

/** Keys are kept for longer than the day that clients may count on. */
const KEPT_MS = 48 * 3_600_000;
const PURGE_ROWS_MAX = 1_000;
/** A plain insert that fails shares its lock with others that do, and whoever then wants it for itself deadlocks. */
const INSERT = `INSERT INTO idempotency_keys (id, request_hash, subject, response, lease_time, create_time, attempts)
  VALUES (?, ?, ?, ?, ?, ?, 1) ON DUPLICATE KEY UPDATE attempts = attempts + 1`;

interface Row {
  readonly request_hash: Buffer;
  readonly subject: string;
  readonly response: Buffer | null;
  readonly lease_time: string;
}

/** Idempotency keys in MySQL. */
export function createIdempotencyStore({ em }: Orm, clock: Clock): IdempotencyStore {
  return {
    find: async (id) => {
      const sql = 'SELECT request_hash, subject, response, lease_time FROM idempotency_keys WHERE id = ?';
      const [row] = await em.execute<Row[]>(sql, [id]);
      return (
        row && {
          id,
          requestHash: row.request_hash,
          subject: row.subject,
          response: row.response ?? undefined,
          leaseTime: readTime(row.lease_time),
        }
      );
    },
    add: async ({ id, requestHash, subject, response, leaseTime }) => {
      const values = [id, requestHash, subject, response ?? null, leaseTime, clock.now()];
      const { affectedRows } = await em.execute<{ affectedRows: number }>(INSERT, values, 'run');
      return affectedRows === 1;
    },
    renew: async (id, leaseTime) => {
      await em.execute('UPDATE idempotency_keys SET lease_time = ? WHERE id = ?', [leaseTime, id]);
    },
    finish: async (id, response) => {
      await em.execute('UPDATE idempotency_keys SET response = ? WHERE id = ?', [response, id]);
    },
  };
}

/** Forgets keys that are old enough. @returns whether there may be more. */
export function createIdempotencyPurge({ em }: Orm, clock: Clock): () => Promise<boolean> {
  return async () => {
    const sql = `DELETE FROM idempotency_keys WHERE create_time < ? LIMIT ${PURGE_ROWS_MAX}`;
    const before = new Date(clock.now().getTime() - KEPT_MS);
    const { affectedRows } = await em.execute<{ affectedRows: number }>(sql, [before], 'run');
    return affectedRows === PURGE_ROWS_MAX;
  };
}
