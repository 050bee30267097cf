import { Migration } from '@mikro-orm/migrations';

const TABLE = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin';

/**
 * Receipts, and what they say that was not written down before. Purchases that the version before captures get their receipts
 * when those are asked for.
 */
export class Receipts20261204 extends Migration {
  override up(): void {
    this.addSql(`CREATE TABLE receipt_series (
      store_id BINARY(16) NOT NULL,
      year SMALLINT UNSIGNED NOT NULL COMMENT 'of UTC',
      last_number INT UNSIGNED NOT NULL COMMENT 'locked until the transaction that takes the next one ends',
      last_issue_time DATETIME(3) NOT NULL,
      PRIMARY KEY (store_id, year)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE receipts (
      purchase_id BINARY(16) NOT NULL PRIMARY KEY,
      store_id BINARY(16) NOT NULL,
      year SMALLINT UNSIGNED NOT NULL,
      number INT UNSIGNED NOT NULL,
      issue_time DATETIME(3) NOT NULL,
      UNIQUE KEY receipts_number (store_id, year, number)
    ) ${TABLE}`);
    this.addSql(`ALTER TABLE purchases
      ADD COLUMN store_contact JSON NULL COMMENT 'as it was then',
      ADD COLUMN paid_by JSON NULL COMMENT 'brand and last digits, as they were then'`);
  }
}
