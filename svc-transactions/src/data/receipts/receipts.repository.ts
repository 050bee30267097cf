import type { Receipt, Receipts } from '../../domain/receipts/receipt.ts';
import { readTime, writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';

/** Locks the row of the series until the transaction ends. Times of a series go as its numbers do, whatever clocks say. */
const TAKE_NUMBER = `INSERT INTO receipt_series (store_id, year, last_number, last_issue_time) VALUES (?, ?, 1, ?) AS taken
  ON DUPLICATE KEY UPDATE last_number = receipt_series.last_number + 1,
  last_issue_time = GREATEST(receipt_series.last_issue_time, taken.last_issue_time)`;
const INSERT = `INSERT INTO receipts (purchase_id, store_id, year, number, issue_time)
  SELECT ?, store_id, year, last_number, last_issue_time FROM receipt_series WHERE store_id = ? AND year = ?`;
const SELECT = 'SELECT year, number, issue_time FROM receipts WHERE purchase_id = ?';

interface Row {
  readonly year: number;
  readonly number: number;
  readonly issue_time: string;
}

/** Receipts in MySQL: inserted, never changed. */
export function createReceipts({ em }: Orm): Receipts {
  return {
    read: async (purchaseId): Promise<Receipt | undefined> => {
      const [row] = await em.execute<Row[]>(SELECT, [writeId('pur', purchaseId)]);
      return row && { purchaseId, year: row.year, number: row.number, issueTime: readTime(row.issue_time) };
    },
    issue: async ({ purchaseId, storeId }, now) => {
      const series = [writeId('store', storeId), now.getUTCFullYear()];
      await em.execute(TAKE_NUMBER, [...series, now]);
      await em.execute(INSERT, [writeId('pur', purchaseId), ...series]);
    },
  };
}
