import { Migration } from '@mikro-orm/migrations';

/** Which accounts the owners of their addresses took over, in an order that others can follow. */
export class Takeovers20261208 extends Migration {
  override up(): void {
    this.addSql(`CREATE TABLE IF NOT EXISTS takeovers (
      sequence BIGINT NOT NULL PRIMARY KEY COMMENT 'from 1 on without gaps, in the order of the commits',
      user_id BINARY(16) NOT NULL,
      take_over_time DATETIME(3) NOT NULL
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin`);
    this.addSql(`CREATE TABLE IF NOT EXISTS takeover_head (
      id TINYINT NOT NULL PRIMARY KEY COMMENT 'always 1',
      sequence BIGINT NOT NULL COMMENT 'of the last takeover'
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin`);
  }
}
