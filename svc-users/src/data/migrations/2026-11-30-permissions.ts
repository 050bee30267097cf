import { Migration } from '@mikro-orm/migrations';

/** What operators gave to accounts. */
export class Permissions20261130 extends Migration {
  override up(): void {
    this.addSql(`CREATE TABLE user_permissions (
      user_id BINARY(16) NOT NULL,
      permission VARCHAR(64) NOT NULL,
      grant_time DATETIME(3) NOT NULL,
      PRIMARY KEY (user_id, permission)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin`);
  }
}
