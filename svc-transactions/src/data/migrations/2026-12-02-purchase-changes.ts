import { Migration } from '@mikro-orm/migrations';

const TABLE = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin';

/** What purchases went through; refunds of their lines, whose units may go back into stock. */
export class PurchaseChanges20261202 extends Migration {
  override up(): void {
    this.addSql(`CREATE TABLE purchase_changes (
      purchase_id BINARY(16) NOT NULL,
      version INT UNSIGNED NOT NULL,
      status VARCHAR(16) NOT NULL,
      reason VARCHAR(32) NOT NULL,
      refunded_minor BIGINT NOT NULL,
      lost_minor BIGINT NOT NULL COMMENT 'in disputes',
      change_time DATETIME(3) NOT NULL,
      PRIMARY KEY (purchase_id, version)
    ) ${TABLE}`);
    this.addSql(`ALTER TABLE purchases
      ADD COLUMN version INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of its last change',
      ADD COLUMN units_back JSON NULL COMMENT 'by variant; amounts are texts'`);
    this.addSql(`ALTER TABLE refunds
      ADD COLUMN \`lines\` JSON NULL COMMENT 'units of a purchase; amounts are texts',
      ADD COLUMN restock VARCHAR(8) NOT NULL DEFAULT 'none',
      ADD COLUMN restock_attempts INT UNSIGNED NOT NULL DEFAULT 0,
      ADD COLUMN restock_time DATETIME(3) NULL COMMENT 'when units that are due back are tried next',
      ADD KEY refunds_restock (restock_time)`);
  }
}
