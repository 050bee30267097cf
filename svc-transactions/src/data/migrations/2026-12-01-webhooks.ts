import { Migration } from '@mikro-orm/migrations';

const TABLE = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin';

/** Webhook endpoints and their secrets; the outbox of events; what is on its way to whom. */
export class Webhooks20261201 extends Migration {
  override up(): void {
    this.addSql(`CREATE TABLE webhook_owners (
      owner_id BINARY(16) NOT NULL PRIMARY KEY COMMENT 'locked while endpoints are counted'
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE webhook_endpoints (
      endpoint_id BINARY(16) NOT NULL PRIMARY KEY,
      owner_kind VARCHAR(8) NOT NULL COMMENT 'store or user',
      owner_id BINARY(16) NOT NULL,
      url VARCHAR(2000) NOT NULL,
      event_types JSON NOT NULL COMMENT 'none for all',
      disabled_reason VARCHAR(32) NOT NULL COMMENT 'empty of one that is enabled',
      failures INT UNSIGNED NOT NULL COMMENT 'turns since a try succeeded',
      failing_since DATETIME(3) NULL,
      hold_time DATETIME(3) NOT NULL COMMENT 'nothing is sent before',
      next_turn_time DATETIME(3) NULL COMMENT 'of one that has something to send',
      version INT UNSIGNED NOT NULL,
      create_time DATETIME(3) NOT NULL,
      update_time DATETIME(3) NOT NULL,
      delete_time DATETIME(3) NULL,
      KEY webhook_endpoints_owner (owner_id, endpoint_id),
      KEY webhook_endpoints_turn (next_turn_time),
      KEY webhook_endpoints_delete (delete_time)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE webhook_secrets (
      secret_id BINARY(16) NOT NULL PRIMARY KEY,
      endpoint_id BINARY(16) NOT NULL,
      sealed VARCHAR(512) NOT NULL COMMENT 'a JWE',
      expire_time DATETIME(3) NULL COMMENT 'of one that was replaced',
      KEY webhook_secrets_endpoint (endpoint_id, secret_id),
      KEY webhook_secrets_expire (expire_time)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE webhook_events (
      event_id BINARY(16) NOT NULL PRIMARY KEY,
      type VARCHAR(64) NOT NULL,
      store_id BINARY(16) NULL,
      user_id BINARY(16) NULL,
      body TEXT NOT NULL COMMENT 'as it is sent',
      due_time DATETIME(3) NULL COMMENT 'of one that has not been handed to its endpoints',
      create_time DATETIME(3) NOT NULL,
      KEY webhook_events_due (due_time),
      KEY webhook_events_create (create_time)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE webhook_deliveries (
      endpoint_id BINARY(16) NOT NULL,
      event_id BINARY(16) NOT NULL,
      state VARCHAR(16) NOT NULL,
      attempts INT UNSIGNED NOT NULL,
      last_try_time DATETIME(3) NULL,
      last_status SMALLINT UNSIGNED NOT NULL,
      last_error VARCHAR(32) NOT NULL,
      next_try_time DATETIME(3) NULL COMMENT 'of one that is pending',
      expire_time DATETIME(3) NULL COMMENT 'of one that is pending',
      create_time DATETIME(3) NOT NULL,
      PRIMARY KEY (endpoint_id, event_id),
      KEY webhook_deliveries_state (endpoint_id, state, event_id),
      KEY webhook_deliveries_due (endpoint_id, next_try_time),
      KEY webhook_deliveries_expire (expire_time),
      KEY webhook_deliveries_create (create_time)
    ) ${TABLE}`);
  }
}
