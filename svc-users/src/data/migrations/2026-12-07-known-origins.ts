import { Migration } from '@mikro-orm/migrations';

/** From where the owners of accounts have logged in. */
export class KnownOrigins20261207 extends Migration {
  override up(): void {
    this.addSql(`CREATE TABLE known_origins (
      user_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of the user id',
      origin_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of the user id, a bar and the address',
      last_use_time DATETIME(3) NOT NULL,
      PRIMARY KEY (user_hash, origin_hash),
      KEY known_origins_latest (user_hash, last_use_time),
      KEY known_origins_use (last_use_time)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin`);
  }
}
