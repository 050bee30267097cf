import type { PurchaseChange, PurchaseChanges } from '../../domain/purchases/change.ts';
import type { PurchaseStatus } from '../../domain/purchases/purchase.ts';
import { readTime, writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';

const INSERT = `INSERT INTO purchase_changes
  (purchase_id, version, status, reason, refunded_minor, lost_minor, requires_action, change_time)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

export const READ_CHANGES = `SELECT version, status, reason, CAST(refunded_minor AS CHAR) AS refunded_minor,
  CAST(lost_minor AS CHAR) AS lost_minor, requires_action, change_time FROM purchase_changes
  WHERE purchase_id = ? AND version > ? ORDER BY version LIMIT ?`;

interface Row {
  readonly version: number;
  readonly status: PurchaseStatus;
  readonly reason: string;
  readonly refunded_minor: string;
  readonly lost_minor: string;
  readonly requires_action: number;
  readonly change_time: string;
}

/** The changes of purchases in MySQL: inserted, never changed. */
export function createPurchaseChanges({ em }: Orm): PurchaseChanges {
  return {
    add: async ({ purchaseId, version, status, reason, ...rest }: PurchaseChange): Promise<void> => {
      const values = [
        version,
        status,
        reason,
        rest.refundedMinor,
        rest.lostMinor,
        rest.requiresAction,
        rest.changeTime,
      ];
      await em.execute(INSERT, [writeId('pur', purchaseId), ...values]);
    },
    read: async (purchaseId, after, limit) =>
      (await em.execute<Row[]>(READ_CHANGES, [writeId('pur', purchaseId), after, limit])).map((row) => ({
        purchaseId,
        version: row.version,
        status: row.status,
        reason: row.reason,
        refundedMinor: BigInt(row.refunded_minor),
        lostMinor: BigInt(row.lost_minor),
        requiresAction: row.requires_action !== 0,
        changeTime: readTime(row.change_time),
      })),
  };
}
