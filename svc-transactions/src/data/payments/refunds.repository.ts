import type { Clock } from '../../domain/clock.ts';
import type { Refund, RefundLine, RefundState, Restock } from '../../domain/payments/payment.ts';
import type { Refunds } from '../../domain/payments/ports.ts';
import { json, readId, readTime, writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';
import { LAST_ID } from './payments.repository.ts';

const INSERT = `INSERT INTO refunds
  (refund_id, payment_id, currency_code, amount_minor, state, reason, \`lines\`, restock, create_time)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const UPDATE = 'UPDATE refunds SET state = ?, restock = ?, restock_time = ? WHERE refund_id = ?';
const SELECT = 'SELECT refunds.*, CAST(amount_minor AS CHAR) AS amount_minor FROM refunds';
export const LIST_REFUNDS = `${SELECT} FORCE INDEX (refunds_payment)
  WHERE payment_id = ? AND refund_id < ? ORDER BY refund_id DESC LIMIT ?`;
export const LIST_PAID_REFUNDS = `${SELECT} FORCE INDEX (refunds_payment)
  WHERE payment_id = ? AND state = 'succeeded' ORDER BY refund_id DESC LIMIT ?`;

type LineRow = Omit<RefundLine, 'subtotalMinor' | 'taxMinor'> & {
  readonly subtotalMinor: string;
  readonly taxMinor: string;
};

interface Row {
  readonly refund_id: Buffer;
  readonly payment_id: Buffer;
  readonly currency_code: string;
  readonly amount_minor: string;
  readonly state: RefundState;
  readonly reason: string;
  readonly lines: LineRow[] | null;
  readonly restock: Restock;
  readonly create_time: string;
}

/** Refunds in MySQL. */
export function createRefunds({ em }: Orm, clock: Clock): Refunds {
  return {
    add: async ({ refundId, paymentId, currencyCode, amountMinor, state, reason, lines, restock, createTime }) => {
      const ids = [writeId('rfnd', refundId), writeId('pay', paymentId)];
      await em.execute(INSERT, [...ids, currencyCode, amountMinor, state, reason, json(lines), restock, createTime]);
    },
    read: async (refundId) => {
      const [row] = await em.execute<Row[]>(`${SELECT} WHERE refund_id = ?`, [writeId('rfnd', refundId)]);
      return row && toRefund(row);
    },
    save: async ({ refundId, state, restock }) => {
      await em.execute(UPDATE, [state, restock, restock === 'due' ? clock.now() : null, writeId('rfnd', refundId)]);
    },
    list: async (paymentId, limit, before) => {
      const until = before === undefined ? LAST_ID : writeId('rfnd', before);
      return (await em.execute<Row[]>(LIST_REFUNDS, [writeId('pay', paymentId), until, limit])).map(toRefund);
    },
    listPaid: async (paymentId, limit) =>
      (await em.execute<Row[]>(LIST_PAID_REFUNDS, [writeId('pay', paymentId), limit])).map(toRefund),
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
    lines: (row.lines ?? []).map((line) => ({
      ...line,
      subtotalMinor: BigInt(line.subtotalMinor),
      taxMinor: BigInt(line.taxMinor),
    })),
    restock: row.restock,
    createTime: readTime(row.create_time),
  };
}
