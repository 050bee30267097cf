import { Migration } from '@mikro-orm/migrations';

const TABLE = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin';

/**
 * The catalogue: what is published, made from the products so that each search is the walk of one index; the log of its
 * changes; what is waiting to be made anew; and imports.
 */
export class Catalog20261126 extends Migration {
  override up(): void {
    this.addSql(`CREATE TABLE catalog (
      product_id BINARY(16) NOT NULL PRIMARY KEY,
      store_id BINARY(16) NOT NULL,
      name VARCHAR(200) NOT NULL,
      category_id BINARY(16) NULL,
      tags JSON NOT NULL,
      image_url VARCHAR(2048) NOT NULL,
      image_alt_text VARCHAR(300) NOT NULL,
      currency_code CHAR(3) NOT NULL,
      prices JSON NOT NULL COMMENT 'the lowest in force, by currency',
      in_stock BOOLEAN NOT NULL,
      category_path JSON NOT NULL COMMENT 'the category and all above it',
      terms VARBINARY(2048) NOT NULL COMMENT 'the terms of its postings, 8 bytes each',
      content_hash BINARY(16) NOT NULL,
      next_price_time DATETIME(3) NULL COMMENT 'when another price comes into force',
      name_words TEXT NOT NULL,
      tag_words TEXT NOT NULL,
      search_words MEDIUMTEXT NOT NULL,
      search_ngrams MEDIUMTEXT NOT NULL,
      KEY catalog_next_price (next_price_time)
    ) ${TABLE}`);
    this.addSql('ALTER TABLE catalog ADD FULLTEXT KEY catalog_words (search_words)');
    this.addSql('ALTER TABLE catalog ADD FULLTEXT KEY catalog_ngrams (search_ngrams) WITH PARSER ngram');
    this.addSql(`CREATE TABLE catalog_postings (
      term BINARY(8) NOT NULL,
      product_id BINARY(16) NOT NULL,
      PRIMARY KEY (term, product_id)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE catalog_prices (
      term BINARY(8) NOT NULL,
      currency_code CHAR(3) NOT NULL,
      amount_minor BIGINT NOT NULL,
      product_id BINARY(16) NOT NULL,
      PRIMARY KEY (term, currency_code, amount_minor, product_id)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE catalog_queue (
      queue_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
      product_id BINARY(16) NOT NULL
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE catalog_sweeps (
      sweep_id BINARY(16) NOT NULL PRIMARY KEY,
      store_id BINARY(16) NOT NULL,
      category_id BINARY(16) NULL,
      after_product_id BINARY(16) NOT NULL
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE catalog_pending_changes (
      pending_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
      product_id BINARY(16) NOT NULL,
      store_id BINARY(16) NOT NULL,
      kind VARCHAR(16) NOT NULL,
      change_time DATETIME(3) NOT NULL
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE catalog_changes (
      position BIGINT UNSIGNED NOT NULL PRIMARY KEY,
      product_id BINARY(16) NOT NULL,
      store_id BINARY(16) NOT NULL,
      kind VARCHAR(16) NOT NULL,
      change_time DATETIME(3) NOT NULL,
      KEY catalog_changes_store (store_id, position)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE catalog_head (
      one TINYINT NOT NULL PRIMARY KEY,
      position BIGINT UNSIGNED NOT NULL,
      purged_position BIGINT UNSIGNED NOT NULL
    ) ${TABLE}`);
    this.addSql('INSERT IGNORE INTO catalog_head (one, position, purged_position) VALUES (1, 0, 0)');
    this.addSql(`CREATE TABLE imports (
      import_id BINARY(16) NOT NULL PRIMARY KEY,
      store_id BINARY(16) NOT NULL,
      row_count INT UNSIGNED NOT NULL,
      created_count INT UNSIGNED NOT NULL,
      updated_count INT UNSIGNED NOT NULL,
      failed_count INT UNSIGNED NOT NULL,
      create_time DATETIME(3) NOT NULL,
      update_time DATETIME(3) NOT NULL
    ) ${TABLE}`);
    this.addSql(
      `CREATE TABLE import_rows (
      import_id BINARY(16) NOT NULL,
      row_number INT UNSIGNED NOT NULL,
      sku VARCHAR(64) NOT NULL,
      outcome VARCHAR(10) NOT NULL,
      product_id BINARY(16) NULL,
      reason VARCHAR(64) NOT NULL,
      message VARCHAR(1024) NOT NULL,
      PRIMARY KEY (import_id, row_number),
      KEY import_rows_outcome (import_id, outcome, row_number)
    ) ${TABLE}`.replace(/\brow_number\b/g, '`row_number`'),
    );
  }
}
