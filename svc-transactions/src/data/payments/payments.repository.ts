import type { CaptureMethod, Payment, PaymentState } from '../../domain/payments/payment.ts';
import type { Payments } from '../../domain/payments/ports.ts';
import { marks, readId, readTime, writeId } from '../columns.ts';
import { insertMany, type SqlValue } from '../insert-many.ts';
import type { Orm } from '../orm.ts';

const FIXED = [
  'payment_id',
  'purchase_id',
  'user_id',
  'store_id',
  'currency_code',
  'amount_minor',
  'capture_method',
  'description',
];
const CHANGING = [
  ...['captured_minor', 'refunded_minor', 'refunds_pending_minor', 'lost_minor', 'state', 'outcome_unknown'],
  ...[
    'decline_code',
    'action_url',
    'payment_method_id',
    'provider_reference',
    'authorisation_expire_time',
    'update_time',
  ],
];
const INSERT = `INSERT INTO payments (${[...FIXED, 'create_time', ...CHANGING].join(', ')})`;
const UPDATE = `UPDATE payments SET ${CHANGING.map((name) => `${name} = ?`).join(', ')} WHERE payment_id = ?`;
const MINOR = ['amount_minor', 'captured_minor', 'refunded_minor', 'refunds_pending_minor', 'lost_minor'];
const SELECT = `SELECT payments.*, ${MINOR.map((name) => `CAST(${name} AS CHAR) AS ${name}`).join(', ')} FROM payments`;
/** The optimizer would sooner walk the primary key, past the payments of everybody else. */
const listBy = (owner: 'user' | 'store') =>
  `${SELECT} FORCE INDEX (payments_${owner}) WHERE ${owner}_id = ? AND payment_id < ? ORDER BY payment_id DESC LIMIT ?`;
export const LIST_PAYMENTS = { user: listBy('user'), store: listBy('store') };
/** One that the provider refused to let go of waits for as long again as that was after its end. */
const AGAIN_TIME =
  'TIMESTAMPADD(MICROSECOND, TIMESTAMPDIFF(MICROSECOND, authorisation_expire_time, update_time), update_time)';
export const LOCK_OVER = `${SELECT} WHERE state = 'authorised' AND authorisation_expire_time <= ?
  AND (decline_code = '' OR authorisation_expire_time <= ? OR ${AGAIN_TIME} <= ?)
  ORDER BY authorisation_expire_time LIMIT 1 FOR UPDATE SKIP LOCKED`;
/** Above every id. */
export const LAST_ID = Buffer.alloc(16, 0xff);

interface Row {
  readonly payment_id: Buffer;
  readonly purchase_id: Buffer | null;
  readonly user_id: Buffer;
  readonly store_id: Buffer;
  readonly currency_code: string;
  readonly amount_minor: string;
  readonly captured_minor: string;
  readonly refunded_minor: string;
  readonly refunds_pending_minor: string;
  readonly lost_minor: string;
  readonly state: PaymentState;
  readonly outcome_unknown: number;
  readonly decline_code: string;
  readonly action_url: string;
  readonly capture_method: CaptureMethod;
  readonly payment_method_id: Buffer | null;
  readonly description: string;
  readonly provider_reference: string;
  readonly authorisation_expire_time: string | null;
  readonly create_time: string;
  readonly update_time: string;
}

/** Payments in MySQL. */
export function createPayments({ em }: Orm): Payments {
  const first = async (sql: string, paymentId: string) => {
    const [row] = await em.execute<Row[]>(sql, [writeId('pay', paymentId)]);
    return row && toPayment(row);
  };
  return {
    read: (paymentId) => first(`${SELECT} WHERE payment_id = ?`, paymentId),
    readAll: async (paymentIds) => {
      if (paymentIds.length === 0) return new Map();
      const ids = paymentIds.map((id) => writeId('pay', id));
      const rows = await em.execute<Row[]>(`${SELECT} WHERE payment_id IN (${marks(ids)})`, ids);
      return new Map(rows.map((row) => [readId('pay', row.payment_id), toPayment(row)]));
    },
    findByReference: async (reference) => {
      const [row] = await em.execute<Row[]>(`${SELECT} WHERE provider_reference = ? LIMIT 1`, [reference]);
      return row && toPayment(row);
    },
    lock: (paymentId) => first(`${SELECT} WHERE payment_id = ? FOR UPDATE`, paymentId),
    add: (payment) => insertMany(em, INSERT, [[...fixedOf(payment), payment.createTime, ...changingOf(payment)]]),
    save: async (payment) => {
      await em.execute(UPDATE, [...changingOf(payment), writeId('pay', payment.paymentId)]);
    },
    list: async (of, limit, before) => {
      const [sql, owner] =
        'userId' in of
          ? [LIST_PAYMENTS.user, writeId('usr', of.userId)]
          : [LIST_PAYMENTS.store, writeId('store', of.storeId)];
      const until = before === undefined ? LAST_ID : writeId('pay', before);
      return (await em.execute<Row[]>(sql, [owner, until, limit])).map(toPayment);
    },
    lockOver: async (now, longAgo) => {
      const [row] = await em.execute<Row[]>(LOCK_OVER, [now, longAgo, now]);
      return row && toPayment(row);
    },
  };
}

function fixedOf(payment: Payment): SqlValue[] {
  return [
    writeId('pay', payment.paymentId),
    payment.purchaseId === '' ? null : writeId('pur', payment.purchaseId),
    writeId('usr', payment.userId),
    writeId('store', payment.storeId),
    payment.currencyCode,
    payment.amountMinor,
    payment.captureMethod,
    payment.description,
  ];
}

function changingOf(payment: Payment): SqlValue[] {
  return [
    payment.capturedMinor,
    payment.refundedMinor,
    payment.refundsPendingMinor,
    payment.lostMinor,
    payment.state,
    payment.outcomeUnknown,
    payment.declineCode,
    payment.actionUrl,
    payment.paymentMethodId === '' ? null : writeId('pm', payment.paymentMethodId),
    payment.providerReference,
    payment.authorisationExpireTime,
    payment.updateTime,
  ];
}

function toPayment(row: Row): Payment {
  return {
    paymentId: readId('pay', row.payment_id),
    purchaseId: row.purchase_id === null ? '' : readId('pur', row.purchase_id),
    userId: readId('usr', row.user_id),
    storeId: readId('store', row.store_id),
    currencyCode: row.currency_code,
    amountMinor: BigInt(row.amount_minor),
    capturedMinor: BigInt(row.captured_minor),
    refundedMinor: BigInt(row.refunded_minor),
    refundsPendingMinor: BigInt(row.refunds_pending_minor),
    lostMinor: BigInt(row.lost_minor),
    state: row.state,
    outcomeUnknown: row.outcome_unknown !== 0,
    declineCode: row.decline_code,
    actionUrl: row.action_url,
    captureMethod: row.capture_method,
    paymentMethodId: row.payment_method_id === null ? '' : readId('pm', row.payment_method_id),
    description: row.description,
    providerReference: row.provider_reference,
    authorisationExpireTime: row.authorisation_expire_time === null ? null : readTime(row.authorisation_expire_time),
    createTime: readTime(row.create_time),
    updateTime: readTime(row.update_time),
  };
}
