import { Migration } from '@mikro-orm/migrations';

const TABLE = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin';

/** Purchases, and the payments that belong to them. */
export class Purchases20261129 extends Migration {
  override up(): void {
    this.addSql(`CREATE TABLE purchases (
      purchase_id BINARY(16) NOT NULL PRIMARY KEY,
      user_id BINARY(16) NOT NULL,
      store_id BINARY(16) NOT NULL,
      reservation_id BINARY(16) NOT NULL,
      payment_id BINARY(16) NOT NULL,
      store_name VARCHAR(100) NOT NULL,
      currency_code CHAR(3) NOT NULL,
      \`lines\` JSON NOT NULL COMMENT 'as they were bought; amounts are texts',
      subtotal_minor BIGINT NOT NULL,
      tax_minor BIGINT NOT NULL,
      total_minor BIGINT NOT NULL,
      state VARCHAR(16) NOT NULL,
      reason VARCHAR(32) NOT NULL,
      next_step_time DATETIME(3) NULL COMMENT 'of a purchase that is not final',
      expire_time DATETIME(3) NOT NULL,
      create_time DATETIME(3) NOT NULL,
      update_time DATETIME(3) NOT NULL,
      KEY purchases_user (user_id, purchase_id),
      KEY purchases_store (store_id, purchase_id),
      KEY purchases_due (next_step_time)
    ) ${TABLE}`);
    this.addSql('ALTER TABLE payments ADD COLUMN purchase_id BINARY(16) NULL');
  }
}
