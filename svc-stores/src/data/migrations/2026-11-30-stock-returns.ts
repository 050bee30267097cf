import { Migration } from '@mikro-orm/migrations';

const TABLE = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin';

/** Stock that was sold and came back. */
export class StockReturns20261130 extends Migration {
  override up(): void {
    this.addSql(`CREATE TABLE stock_returns (
      return_id VARCHAR(64) NOT NULL PRIMARY KEY,
      reservation_id BINARY(16) NOT NULL,
      \`lines\` JSON NOT NULL,
      create_time DATETIME(3) NOT NULL,
      KEY stock_returns_reservation (reservation_id)
    ) ${TABLE}`);
  }
}
