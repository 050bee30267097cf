import type { Takeovers } from '../domain/ports.ts';
import { readId, readTime, writeId } from './columns.ts';
import type { Orm } from './orm.ts';

/** The row stays locked until the transaction ends, so that takeovers are committed in the order of their positions. */
const ADVANCE =
  'INSERT INTO takeover_head (id, sequence) VALUES (1, 1) ON DUPLICATE KEY UPDATE sequence = sequence + 1';
const ADD = `INSERT INTO takeovers (sequence, user_id, take_over_time)
  SELECT sequence, ?, ? FROM takeover_head WHERE id = 1`;
const LIST = `SELECT CAST(sequence AS CHAR) AS sequence, user_id, take_over_time FROM takeovers WHERE sequence > ?
  ORDER BY takeovers.sequence LIMIT ?`;

interface Row {
  readonly sequence: string;
  readonly user_id: Buffer;
  readonly take_over_time: string;
}

/** Takeovers of accounts in MySQL. */
export function createTakeovers({ em }: Orm): Takeovers {
  return {
    add: async (userId, now) => {
      await em.execute(ADVANCE, [], 'run');
      await em.execute(ADD, [writeId('usr', userId), now], 'run');
    },
    list: async (after, limit) => {
      const rows = await em.execute<Row[]>(LIST, [after, limit]);
      return rows.map((row) => ({
        sequence: BigInt(row.sequence),
        userId: readId('usr', row.user_id),
        takeOverTime: readTime(row.take_over_time),
      }));
    },
  };
}
