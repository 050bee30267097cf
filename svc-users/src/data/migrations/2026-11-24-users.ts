import { Migration } from '@mikro-orm/migrations';

const TABLE = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin';

/** Users, their sessions with chains of refresh tokens, the keys that sign, and the count of failed logins. */
export class Users20261124 extends Migration {
  override up(): void {
    this.addSql(`CREATE TABLE users (
      user_id BINARY(16) NOT NULL PRIMARY KEY,
      email VARCHAR(254) NULL,
      email_verified BOOLEAN NOT NULL,
      display_name VARCHAR(100) NOT NULL,
      locale VARCHAR(35) NOT NULL,
      time_zone VARCHAR(64) NOT NULL,
      picture_url VARCHAR(2048) NOT NULL,
      password_hash VARCHAR(255) NULL,
      create_time DATETIME(3) NOT NULL,
      update_time DATETIME(3) NOT NULL,
      version INT UNSIGNED NOT NULL DEFAULT 1,
      UNIQUE KEY users_email (email)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE external_identities (
      subject_hash BINARY(32) NOT NULL PRIMARY KEY COMMENT 'SHA-256 of issuer, a space and subject',
      issuer VARCHAR(512) NOT NULL,
      subject VARCHAR(512) NOT NULL,
      user_id BINARY(16) NOT NULL,
      create_time DATETIME(3) NOT NULL,
      KEY external_identities_user (user_id)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE sessions (
      session_id BINARY(16) NOT NULL PRIMARY KEY,
      user_id BINARY(16) NOT NULL,
      user_agent VARCHAR(512) NOT NULL,
      ip_address VARCHAR(64) NOT NULL,
      create_time DATETIME(3) NOT NULL,
      last_use_time DATETIME(3) NOT NULL,
      expire_time DATETIME(3) NOT NULL,
      revoke_time DATETIME(3) NULL,
      KEY sessions_user (user_id, session_id),
      KEY sessions_expire (expire_time)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE refresh_tokens (
      hash BINARY(32) NOT NULL PRIMARY KEY,
      session_id BINARY(16) NOT NULL,
      salt BINARY(32) NULL,
      issue_time DATETIME(3) NOT NULL,
      use_time DATETIME(3) NULL,
      successor_hash BINARY(32) NULL,
      KEY refresh_tokens_session (session_id),
      KEY refresh_tokens_use (use_time)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE signing_keys (
      sequence INT UNSIGNED NOT NULL PRIMARY KEY,
      public_jwk JSON NOT NULL,
      encrypted_private_jwk TEXT NOT NULL,
      create_time DATETIME(3) NOT NULL,
      activate_time DATETIME(3) NOT NULL
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE login_attempts (
      attempt_key BINARY(32) NOT NULL PRIMARY KEY COMMENT 'SHA-256 of who is guessed, and from where',
      attempts INT UNSIGNED NOT NULL,
      window_end_time DATETIME(3) NOT NULL,
      KEY login_attempts_end (window_end_time)
    ) ${TABLE}`);
  }
}
