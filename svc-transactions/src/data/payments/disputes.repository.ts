import type { Disputes } from '../../domain/payments/ports.ts';
import type { DisputeState } from '../../domain/payments/provider.ts';
import { writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';

const PUT = `INSERT INTO disputes (dispute_id, payment_id, amount_minor, state) VALUES (?, ?, ?, ?) AS new
  ON DUPLICATE KEY UPDATE state = new.state`;

/** Disputes in MySQL. */
export function createDisputes({ em }: Orm): Disputes {
  return {
    find: async (disputeId) => {
      const sql = 'SELECT state, CAST(amount_minor AS CHAR) AS amount_minor FROM disputes WHERE dispute_id = ?';
      const [row] = await em.execute<{ state: DisputeState; amount_minor: string }[]>(sql, [disputeId]);
      return row && { state: row.state, amountMinor: BigInt(row.amount_minor) };
    },
    put: async ({ disputeId, paymentId, amountMinor, state }) => {
      await em.execute(PUT, [disputeId, writeId('pay', paymentId), amountMinor, state]);
    },
  };
}
