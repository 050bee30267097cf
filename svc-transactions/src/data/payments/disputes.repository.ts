import type { Disputes } from '../../domain/payments/ports.ts';
import type { DisputeState } from '../../domain/payments/provider.ts';
import { readId, writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';

const FIND = 'SELECT payment_id, state, CAST(amount_minor AS CHAR) AS amount_minor FROM disputes WHERE dispute_id = ?';
export const SUM_OPEN = `SELECT CAST(COALESCE(SUM(amount_minor), 0) AS CHAR) AS minor FROM disputes
  WHERE payment_id = ? AND state = 'opened'`;
const PUT = `INSERT INTO disputes (dispute_id, payment_id, amount_minor, state) VALUES (?, ?, ?, ?) AS new
  ON DUPLICATE KEY UPDATE state = new.state`;

interface Row {
  readonly payment_id: Buffer;
  readonly state: DisputeState;
  readonly amount_minor: string;
}

/** Disputes in MySQL. */
export function createDisputes({ em }: Orm): Disputes {
  return {
    find: async (disputeId) => {
      const [row] = await em.execute<Row[]>(FIND, [disputeId]);
      if (!row) return undefined;
      const { payment_id: paymentId, state, amount_minor: amountMinor } = row;
      return { paymentId: readId('pay', paymentId), state, amountMinor: BigInt(amountMinor) };
    },
    openMinor: async (paymentId) => {
      const [sum] = await em.execute<{ minor: string }[]>(SUM_OPEN, [writeId('pay', paymentId)]);
      return BigInt(sum?.minor ?? 0);
    },
    put: async ({ disputeId, paymentId, amountMinor, state }) => {
      await em.execute(PUT, [disputeId, writeId('pay', paymentId), amountMinor, state]);
    },
  };
}
