import { Migration } from '@mikro-orm/migrations';

const TABLE = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin';

/**
 * Room for the words of every name and all tags that the rules allow: normalizing may make 18 characters of one. Products
 * whose entries could not be made, and how often a reservation could not be given back: they are tried again later, and hold
 * up nothing meanwhile.
 */
export class Upkeep20261201 extends Migration {
  override up(): void {
    this.addSql(
      "ALTER TABLE catalog MODIFY title_words MEDIUMTEXT NOT NULL, MODIFY title_terms VARBINARY(32768) NOT NULL DEFAULT ''",
    );
    this.addSql(`CREATE TABLE catalog_retries (
      product_id BINARY(16) NOT NULL PRIMARY KEY,
      attempts INT UNSIGNED NOT NULL,
      retry_time DATETIME(3) NOT NULL,
      KEY catalog_retries_time (retry_time)
    ) ${TABLE}`);
    this.addSql('ALTER TABLE reservations ADD COLUMN expiry_attempts INT UNSIGNED NOT NULL DEFAULT 0');
  }
}
