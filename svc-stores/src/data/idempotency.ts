import type { IdempotencyRecord, IdempotencyStore } from '@malla/chassis/idempotency';
import { isLockedNow } from '@malla/chassis/mysql-contention';
import type { Clock } from '../domain/clock.ts';
import { readTime } from './columns.ts';
import type { Orm } from './orm.ts';

/** Those that find the key there wait for nobody but whoever has its row locked, and do not fail. */
const INSERT = `INSERT INTO idempotency_keys
  (id, claim_id, request_hash, subject, response, lease_time, create_time, attempts) VALUES (?, ?, ?, '', NULL, ?, ?, 1)
  ON DUPLICATE KEY UPDATE attempts = attempts + 1`;
const FIND = 'SELECT claim_id, request_hash, subject, response, lease_time FROM idempotency_keys WHERE id = ?';
const LOCK = 'SELECT id FROM idempotency_keys WHERE id = ? FOR UPDATE SKIP LOCKED';
const TAKE_OVER = `UPDATE idempotency_keys SET claim_id = ?, lease_time = ?
  WHERE id = ? AND claim_id = ? AND response IS NULL`;

interface Row {
  readonly claim_id: Buffer;
  readonly request_hash: Buffer;
  readonly subject: string;
  readonly response: Buffer | null;
  readonly lease_time: string;
}

/** Idempotency keys in MySQL. */
export function createIdempotencyStore({ em }: Orm, clock: Clock): IdempotencyStore {
  const change = async (sql: string, values: unknown[]) =>
    (await em.execute<{ affectedRows: number }>(sql, values, 'run')).affectedRows;
  /** Sees what is being added too, which only a locking read does; what is locked is read as it was before. */
  const find = async (id: Buffer) => {
    try {
      return await em.execute<Row[]>(`${FIND} FOR SHARE NOWAIT`, [id]);
    } catch (error) {
      const rows = isLockedNow(error) ? await em.execute<Row[]>(FIND, [id]) : [];
      if (rows.length === 0) throw error;
      return rows;
    }
  };
  return {
    find: async (id) => {
      const [row] = await find(id);
      return row && toRecord(id, row);
    },
    add: async ({ id, claimId, requestHash, leaseTime }) =>
      (await change(INSERT, [id, claimId, requestHash, leaseTime, clock.now()])) === 1,
    takeOver: ({ id, claimId: known }, claimId, leaseTime) =>
      em.transactional(async () => {
        const [free] = await em.execute<{ id: Buffer }[]>(LOCK, [id]);
        return free !== undefined && (await change(TAKE_OVER, [claimId, leaseTime, id, known])) === 1;
      }),
    begin: async (id, claimId, subject) => {
      const sql = 'SELECT subject FROM idempotency_keys WHERE id = ? AND claim_id = ? FOR UPDATE';
      const [row] = await em.execute<Pick<Row, 'subject'>[]>(sql, [id, claimId]);
      if (row?.subject === '') await change('UPDATE idempotency_keys SET subject = ? WHERE id = ?', [subject, id]);
      return row && (row.subject || subject);
    },
    finish: async (id, response, claimId) => {
      const sql = 'UPDATE idempotency_keys SET response = ? WHERE id = ? AND claim_id = ?';
      return (await change(sql, [response, id, claimId])) === 1;
    },
    // The queries of a call that its client has left end with it; this one must not.
    release: async (id, claimId) => {
      const sql = "DELETE FROM idempotency_keys WHERE id = ? AND claim_id = ? AND subject = ''";
      await em.fork({ disableContextResolution: true }).execute(sql, [id, claimId], 'run');
    },
  };
}

function toRecord(id: Buffer, row: Row): IdempotencyRecord {
  const { claim_id: claimId, request_hash: requestHash, subject, response } = row;
  return { id, claimId, requestHash, subject, response: response ?? undefined, leaseTime: readTime(row.lease_time) };
}
