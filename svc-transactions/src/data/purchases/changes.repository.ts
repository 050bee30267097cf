import type { PurchaseChange, PurchaseChanges } from '../../domain/purchases/change.ts';
import { writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';

const INSERT = `INSERT INTO purchase_changes
  (purchase_id, version, status, reason, refunded_minor, lost_minor, change_time) VALUES (?, ?, ?, ?, ?, ?, ?)`;

/** The changes of purchases in MySQL: inserted, never changed. */
export function createPurchaseChanges({ em }: Orm): PurchaseChanges {
  return {
    add: async ({ purchaseId, version, status, reason, ...rest }: PurchaseChange): Promise<void> => {
      const values = [version, status, reason, rest.refundedMinor, rest.lostMinor, rest.changeTime];
      await em.execute(INSERT, [writeId('pur', purchaseId), ...values]);
    },
  };
}
