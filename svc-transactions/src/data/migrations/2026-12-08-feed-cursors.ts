import { Migration } from '@mikro-orm/migrations';

/** How far the lists of other services have been followed. */
export class FeedCursors20261208 extends Migration {
  override up(): void {
    this.addSql(`CREATE TABLE IF NOT EXISTS feed_cursors (
      feed VARCHAR(64) NOT NULL PRIMARY KEY,
      sequence BIGINT NOT NULL COMMENT 'of the last entry that was applied'
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin`);
  }
}
