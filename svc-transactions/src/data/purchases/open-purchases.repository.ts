import type { PurchaseState } from '../../domain/purchases/purchase.ts';
import type { OpenPurchases } from '../../domain/purchases/stuck.ts';
import { marks, readId, readTime, writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';
import { type PurchaseRow, SELECT_PURCHASE, toPurchase } from './purchases.repository.ts';

/** By the index of what is due, which holds those that have not ended: few, however many there are in all. */
const OPEN = `next_step_time > '1970-01-01' AND create_time <= ?`;
export const LIST_OPEN = `${SELECT_PURCHASE} FORCE INDEX (purchases_due) WHERE ${OPEN} AND purchase_id > ?
  ORDER BY purchase_id LIMIT ?`;
const COUNT_MAX = 10_000;
export const COUNT_OPEN = `SELECT state, COUNT(*) AS count FROM (SELECT state FROM purchases FORCE INDEX (purchases_due)
  WHERE ${OPEN} LIMIT ${COUNT_MAX}) AS some GROUP BY state`;
const NO_ID = Buffer.alloc(16);

interface OpenRow extends PurchaseRow {
  readonly attempts: number;
  readonly last_error: string;
  readonly next_step_time: string;
}

/** Purchases that have not ended, in MySQL. */
export function createOpenPurchases({ em }: Orm): OpenPurchases {
  return {
    list: async (createdBefore, limit, after) => {
      const from = after === undefined ? NO_ID : writeId('pur', after);
      return (await em.execute<OpenRow[]>(LIST_OPEN, [createdBefore, from, limit])).map((row) => ({
        purchase: toPurchase(row),
        attempts: row.attempts,
        lastError: row.last_error,
        nextStepTime: readTime(row.next_step_time),
      }));
    },
    count: async (createdBefore) => {
      const rows = await em.execute<{ state: PurchaseState; count: number }[]>(COUNT_OPEN, [createdBefore]);
      return new Map(rows.map(({ state, count }) => [state, Number(count)]));
    },
  };
}

/** The versions of some purchases, by id. */
export function createVersionsOf({ em }: Orm) {
  return async (purchaseIds: readonly string[]): Promise<Map<string, number>> => {
    if (purchaseIds.length === 0) return new Map();
    const ids = purchaseIds.map((id) => writeId('pur', id));
    const sql = `SELECT purchase_id, version FROM purchases WHERE purchase_id IN (${marks(ids)})`;
    const rows = await em.fork().execute<{ purchase_id: Buffer; version: number }[]>(sql, ids);
    return new Map(rows.map((row) => [readId('pur', row.purchase_id), row.version]));
  };
}
