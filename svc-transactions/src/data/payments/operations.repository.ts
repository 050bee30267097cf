import type { Operations } from '../../domain/payments/ports.ts';
import type { Operation, OperationKind } from '../../domain/payments/provider.ts';
import { readId, writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';

const INSERT = `INSERT INTO provider_operations
  (operation_id, payment_id, kind, amount_minor, currency_code, token, provider_reference, refund_id, attempts,
  next_try_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const SELECT = `SELECT operation_id, payment_id, kind, CAST(amount_minor AS CHAR) AS amount_minor, currency_code, token,
  provider_reference, refund_id, attempts FROM provider_operations`;
const UPDATE = `UPDATE provider_operations SET provider_reference = ?, attempts = ?, next_try_time = ?
  WHERE operation_id = ?`;
/** What has ended needs no card any more. */
const CLOSE = "UPDATE provider_operations SET next_try_time = NULL, token = '' WHERE operation_id = ?";
export const LOCK_DUE_OPERATION = `${SELECT} WHERE next_try_time <= ? ORDER BY next_try_time LIMIT 1 FOR UPDATE SKIP LOCKED`;

interface Row {
  readonly operation_id: Buffer;
  readonly payment_id: Buffer;
  readonly kind: OperationKind;
  readonly amount_minor: string;
  readonly currency_code: string;
  readonly token: string;
  readonly provider_reference: string;
  readonly refund_id: Buffer | null;
  readonly attempts: number;
}

export interface OperationQueue {
  /** Takes the operation that has been due the longest, and makes it due again at `leaseTime`. Within a transaction. */
  take(now: Date, leaseTime: Date): Promise<Operation | undefined>;
}

/** What providers are asked, in MySQL. */
export function createOperations({ em }: Orm): Operations & OperationQueue {
  const first = async (sql: string, parameter: Buffer | Date) => {
    const [row] = await em.execute<Row[]>(sql, [parameter]);
    return row && toOperation(row);
  };
  const postpone = async ({ operationId, reference, attempts }: Operation, nextTryTime: Date) => {
    await em.execute(UPDATE, [reference, attempts, nextTryTime, writeId('op', operationId)]);
  };
  return {
    postpone,
    add: async (operation, nextTryTime) => {
      const { operationId, paymentId, kind, amountMinor, currencyCode, token, reference, refundId, attempts } =
        operation;
      const ids = [writeId('op', operationId), writeId('pay', paymentId)];
      const refund = refundId === '' ? null : writeId('rfnd', refundId);
      const asked = [kind, amountMinor, currencyCode, token, reference];
      await em.execute(INSERT, [...ids, ...asked, refund, attempts, nextTryTime]);
    },
    findOpen: (operationId) =>
      first(`${SELECT} WHERE operation_id = ? AND next_try_time IS NOT NULL`, writeId('op', operationId)),
    findOpenOf: (paymentId) => {
      const open = 'payment_id = ? AND next_try_time IS NOT NULL AND refund_id IS NULL';
      return first(`${SELECT} WHERE ${open}`, writeId('pay', paymentId));
    },
    refundOf: async (operationId) => {
      const operation = await first(`${SELECT} WHERE operation_id = ?`, writeId('op', operationId));
      return operation?.refundId ? operation : undefined;
    },
    close: async (operationId) => void (await em.execute(CLOSE, [writeId('op', operationId)])),
    take: async (now, leaseTime) => {
      const operation = await first(LOCK_DUE_OPERATION, now);
      if (operation) await postpone(operation, leaseTime);
      return operation;
    },
  };
}

function toOperation(row: Row): Operation {
  return {
    operationId: readId('op', row.operation_id),
    paymentId: readId('pay', row.payment_id),
    kind: row.kind,
    amountMinor: BigInt(row.amount_minor),
    currencyCode: row.currency_code,
    token: row.token,
    reference: row.provider_reference,
    refundId: row.refund_id === null ? '' : readId('rfnd', row.refund_id),
    attempts: row.attempts,
  };
}
