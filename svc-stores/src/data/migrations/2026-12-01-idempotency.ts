import { Migration } from '@mikro-orm/migrations';

/** Idempotency keys: the version before this one reads none. */
export class Idempotency20261201 extends Migration {
  override up(): void {
    this.addSql(`CREATE TABLE idempotency_keys (
      id BINARY(32) NOT NULL PRIMARY KEY COMMENT 'SHA-256 of caller, method and key',
      claim_id BINARY(16) NOT NULL COMMENT 'of the request that has the key',
      request_hash BINARY(32) NOT NULL,
      subject VARCHAR(64) NOT NULL,
      response MEDIUMBLOB NULL,
      lease_time DATETIME(3) NOT NULL,
      create_time DATETIME(3) NOT NULL,
      attempts INT UNSIGNED NOT NULL,
      KEY idempotency_keys_create (create_time)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin`);
  }
}
