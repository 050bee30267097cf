import type { Refund, RefundState } from '../../domain/payments/payment.ts';
import type { Refunds } from '../../domain/payments/ports.ts';
import { readId, readTime, writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';
import { LAST_ID } from './payments.repository.ts';

const INSERT = `INSERT INTO refunds (refund_id, payment_id, currency_code, amount_minor, state, reason, create_time)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;
const SELECT = 'SELECT refunds.*, CAST(amount_minor AS CHAR) AS amount_minor FROM refunds';
export const LIST_REFUNDS = `${SELECT} FORCE INDEX (refunds_payment)
  WHERE payment_id = ? AND refund_id < ? ORDER BY refund_id DESC LIMIT ?`;

interface Row {
  readonly refund_id: Buffer;
  readonly payment_id: Buffer;
  readonly currency_code: string;
  readonly amount_minor: string;
  readonly state: RefundState;
  readonly reason: string;
  readonly create_time: string;
}

/** Refunds in MySQL. */
export function createRefunds({ em }: Orm): Refunds {
  return {
    add: async ({ refundId, paymentId, currencyCode, amountMinor, state, reason, createTime }) => {
      const ids = [writeId('rfnd', refundId), writeId('pay', paymentId)];
      await em.execute(INSERT, [...ids, currencyCode, amountMinor, state, reason, createTime]);
    },
    read: async (refundId) => {
      const [row] = await em.execute<Row[]>(`${SELECT} WHERE refund_id = ?`, [writeId('rfnd', refundId)]);
      return row && toRefund(row);
    },
    save: async ({ refundId, state }) => {
      await em.execute('UPDATE refunds SET state = ? WHERE refund_id = ?', [state, writeId('rfnd', refundId)]);
    },
    list: async (paymentId, limit, before) => {
      const until = before === undefined ? LAST_ID : writeId('rfnd', before);
      return (await em.execute<Row[]>(LIST_REFUNDS, [writeId('pay', paymentId), until, limit])).map(toRefund);
    },
  };
}

function toRefund(row: Row): Refund {
  return {
    refundId: readId('rfnd', row.refund_id),
    paymentId: readId('pay', row.payment_id),
    currencyCode: row.currency_code,
    amountMinor: BigInt(row.amount_minor),
    state: row.state,
    reason: row.reason,
    createTime: readTime(row.create_time),
  };
}
