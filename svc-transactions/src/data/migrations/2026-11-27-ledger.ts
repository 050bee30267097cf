import { Migration } from '@mikro-orm/migrations';

const TABLE = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin';

/**
 * The ledger. Transfers, postings and pending transfers are only ever added. Balances are sums over them, kept up to date;
 * `ledger_open_pending` lists the pending transfers that have not ended.
 */
export class Ledger20261127 extends Migration {
  override up(): void {
    this.addSql(`CREATE TABLE ledger_transfers (
      transfer_id BINARY(16) NOT NULL PRIMARY KEY,
      type VARCHAR(16) NOT NULL COMMENT 'post, pend, post-pending or void-pending',
      kind VARCHAR(32) NOT NULL,
      reference_prefix VARCHAR(16) NOT NULL,
      reference_id BINARY(16) NOT NULL,
      pending_id BINARY(16) NULL COMMENT 'the pending transfer that this one ends',
      content_hash BINARY(32) NOT NULL,
      create_time DATETIME(3) NOT NULL,
      UNIQUE KEY ledger_transfers_pending (pending_id),
      KEY ledger_transfers_reference (reference_id)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE ledger_postings (
      transfer_id BINARY(16) NOT NULL,
      line SMALLINT UNSIGNED NOT NULL,
      account_id BINARY(16) NOT NULL,
      amount_minor BIGINT NOT NULL COMMENT 'credit positive, debit negative',
      create_time DATETIME(3) NOT NULL,
      PRIMARY KEY (transfer_id, line),
      KEY ledger_postings_account (account_id, create_time, transfer_id, line, amount_minor)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE ledger_pending (
      transfer_id BINARY(16) NOT NULL PRIMARY KEY,
      debit_account_id BINARY(16) NOT NULL,
      credit_account_id BINARY(16) NOT NULL,
      amount_minor BIGINT NOT NULL,
      expire_time DATETIME(3) NOT NULL
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE ledger_open_pending (
      transfer_id BINARY(16) NOT NULL PRIMARY KEY,
      expire_time DATETIME(3) NOT NULL,
      KEY ledger_open_pending_expire (expire_time)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE ledger_balances (
      account_id BINARY(16) NOT NULL,
      shard SMALLINT UNSIGNED NOT NULL,
      owner VARCHAR(64) NOT NULL,
      purpose VARCHAR(32) NOT NULL,
      currency_code CHAR(3) NOT NULL,
      posted_minor BIGINT NOT NULL,
      pending_debits_minor BIGINT NOT NULL,
      pending_credits_minor BIGINT NOT NULL,
      PRIMARY KEY (account_id, shard),
      KEY ledger_balances_owner (owner)
    ) ${TABLE}`);
  }
}
