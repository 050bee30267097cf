import { Migration } from '@mikro-orm/migrations';

const TABLE = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin';

/** Payments, refunds and disputes; what providers are asked and what they tell; payment methods; idempotency keys. */
export class Payments20261128 extends Migration {
  override up(): void {
    this.addSql(`CREATE TABLE payments (
      payment_id BINARY(16) NOT NULL PRIMARY KEY,
      user_id BINARY(16) NOT NULL,
      store_id BINARY(16) NOT NULL,
      currency_code CHAR(3) NOT NULL,
      amount_minor BIGINT NOT NULL,
      captured_minor BIGINT NOT NULL,
      refunded_minor BIGINT NOT NULL,
      refunds_pending_minor BIGINT NOT NULL,
      lost_minor BIGINT NOT NULL COMMENT 'in disputes',
      state VARCHAR(16) NOT NULL,
      outcome_unknown BOOLEAN NOT NULL,
      decline_code VARCHAR(64) NOT NULL,
      action_url VARCHAR(512) NOT NULL,
      capture_method VARCHAR(16) NOT NULL,
      payment_method_id BINARY(16) NULL,
      description VARCHAR(200) NOT NULL,
      authorisation_expire_time DATETIME(3) NULL COMMENT 'of an authorisation that has not ended',
      create_time DATETIME(3) NOT NULL,
      update_time DATETIME(3) NOT NULL,
      KEY payments_user (user_id, payment_id),
      KEY payments_store (store_id, payment_id),
      KEY payments_expire (state, authorisation_expire_time),
      CHECK (captured_minor <= amount_minor),
      CHECK (refunded_minor + refunds_pending_minor <= captured_minor)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE refunds (
      refund_id BINARY(16) NOT NULL PRIMARY KEY,
      payment_id BINARY(16) NOT NULL,
      currency_code CHAR(3) NOT NULL,
      amount_minor BIGINT NOT NULL,
      state VARCHAR(16) NOT NULL,
      reason VARCHAR(200) NOT NULL,
      create_time DATETIME(3) NOT NULL,
      KEY refunds_payment (payment_id, refund_id)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE provider_operations (
      operation_id BINARY(16) NOT NULL PRIMARY KEY,
      payment_id BINARY(16) NOT NULL,
      kind VARCHAR(16) NOT NULL,
      amount_minor BIGINT NOT NULL,
      currency_code CHAR(3) NOT NULL,
      token VARCHAR(255) NOT NULL,
      refund_id BINARY(16) NULL,
      attempts INT UNSIGNED NOT NULL,
      next_try_time DATETIME(3) NULL COMMENT 'of an operation that has not ended',
      KEY provider_operations_due (next_try_time),
      KEY provider_operations_payment (payment_id, next_try_time)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE provider_notifications (
      provider VARCHAR(32) NOT NULL,
      event_id VARCHAR(255) NOT NULL,
      body BLOB NOT NULL,
      attempts INT UNSIGNED NOT NULL,
      next_try_time DATETIME(3) NULL COMMENT 'of one that was not acted upon',
      create_time DATETIME(3) NOT NULL,
      PRIMARY KEY (provider, event_id),
      KEY provider_notifications_due (next_try_time)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE disputes (
      dispute_id VARCHAR(64) NOT NULL PRIMARY KEY,
      payment_id BINARY(16) NOT NULL,
      amount_minor BIGINT NOT NULL,
      state VARCHAR(16) NOT NULL,
      KEY disputes_payment (payment_id)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE payment_methods (
      payment_method_id BINARY(16) NOT NULL PRIMARY KEY,
      user_id BINARY(16) NOT NULL,
      provider VARCHAR(32) NOT NULL,
      token VARCHAR(255) NOT NULL,
      brand VARCHAR(32) NOT NULL,
      last4 CHAR(4) NOT NULL,
      expiry_month TINYINT UNSIGNED NOT NULL,
      expiry_year SMALLINT UNSIGNED NOT NULL,
      create_time DATETIME(3) NOT NULL,
      KEY payment_methods_user (user_id, payment_method_id)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE wallets (
      user_id BINARY(16) NOT NULL PRIMARY KEY,
      default_method_id BINARY(16) NULL
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE idempotency_keys (
      id BINARY(32) NOT NULL PRIMARY KEY COMMENT 'SHA-256 of caller, method and key',
      request_hash BINARY(32) NOT NULL,
      subject VARCHAR(64) NOT NULL,
      response MEDIUMBLOB NULL,
      lease_time DATETIME(3) NOT NULL,
      create_time DATETIME(3) NOT NULL,
      attempts INT UNSIGNED NOT NULL,
      KEY idempotency_keys_create (create_time)
    ) ${TABLE}`);
  }
}
