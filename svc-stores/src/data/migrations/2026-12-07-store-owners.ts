import { Migration } from '@mikro-orm/migrations';

/** A row for each user who owns stores or is about to: its lock makes those who change how many one by one. */
export class StoreOwners20261207 extends Migration {
  override up(): void {
    this.addSql(`CREATE TABLE IF NOT EXISTS store_owners (
      user_id BINARY(16) NOT NULL PRIMARY KEY
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin`);
  }
}
