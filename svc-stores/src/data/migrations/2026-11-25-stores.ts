import { Migration } from '@mikro-orm/migrations';

const TABLE = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin';

/** Stores with their staff and categories, products with their variants, stock with its log, and reservations. */
export class Stores20261125 extends Migration {
  override up(): void {
    this.addSql(`CREATE TABLE stores (
      store_id BINARY(16) NOT NULL PRIMARY KEY,
      slug VARCHAR(63) NOT NULL,
      name VARCHAR(100) NOT NULL,
      description TEXT NOT NULL,
      currency_code CHAR(3) NOT NULL,
      country_code CHAR(2) NOT NULL,
      contact_email VARCHAR(254) NOT NULL,
      contact_phone VARCHAR(16) NOT NULL,
      logo_url VARCHAR(2048) NOT NULL,
      state VARCHAR(10) NOT NULL,
      create_time DATETIME(3) NOT NULL,
      update_time DATETIME(3) NOT NULL,
      version INT UNSIGNED NOT NULL DEFAULT 1,
      UNIQUE KEY stores_slug (slug),
      KEY stores_state (state, store_id)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE staff (
      store_id BINARY(16) NOT NULL,
      user_id BINARY(16) NOT NULL,
      role VARCHAR(10) NOT NULL,
      create_time DATETIME(3) NOT NULL,
      PRIMARY KEY (store_id, user_id),
      KEY staff_user (user_id, store_id)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE categories (
      category_id BINARY(16) NOT NULL PRIMARY KEY,
      store_id BINARY(16) NOT NULL,
      parent_id BINARY(16) NULL,
      name VARCHAR(100) NOT NULL,
      position INT UNSIGNED NOT NULL,
      KEY categories_store (store_id)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE products (
      product_id BINARY(16) NOT NULL PRIMARY KEY,
      store_id BINARY(16) NOT NULL,
      state VARCHAR(10) NOT NULL,
      name VARCHAR(200) NOT NULL,
      description TEXT NOT NULL,
      category_id BINARY(16) NULL,
      tags JSON NOT NULL,
      attributes JSON NOT NULL,
      options JSON NOT NULL,
      images JSON NOT NULL,
      tax_class VARCHAR(32) NOT NULL,
      create_time DATETIME(3) NOT NULL,
      update_time DATETIME(3) NOT NULL,
      version INT UNSIGNED NOT NULL DEFAULT 1,
      KEY products_store (store_id, product_id),
      KEY products_store_state (store_id, state, product_id),
      KEY products_category (category_id, product_id)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE variants (
      variant_id BINARY(16) NOT NULL PRIMARY KEY,
      product_id BINARY(16) NOT NULL,
      store_id BINARY(16) NOT NULL,
      sku VARCHAR(64) NOT NULL,
      option_values JSON NOT NULL,
      prices JSON NOT NULL,
      weight_grams INT UNSIGNED NOT NULL,
      position SMALLINT UNSIGNED NOT NULL,
      UNIQUE KEY variants_sku (store_id, sku),
      KEY variants_product (product_id, position)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE stock (
      variant_id BINARY(16) NOT NULL PRIMARY KEY,
      product_id BINARY(16) NOT NULL,
      store_id BINARY(16) NOT NULL,
      on_hand INT NOT NULL,
      reserved INT NOT NULL,
      sold BIGINT NOT NULL,
      KEY stock_product (product_id),
      CONSTRAINT stock_never_oversold CHECK (reserved >= 0 AND reserved <= on_hand)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE stock_entries (
      entry_id BINARY(16) NOT NULL PRIMARY KEY,
      variant_id BINARY(16) NOT NULL,
      reason VARCHAR(10) NOT NULL,
      on_hand_change INT NOT NULL,
      reserved_change INT NOT NULL,
      actor VARCHAR(64) NOT NULL,
      note VARCHAR(500) NOT NULL,
      create_time DATETIME(3) NOT NULL,
      KEY stock_entries_variant (variant_id, entry_id)
    ) ${TABLE}`);
    this.addSql(`CREATE TABLE reservations (
      reservation_id BINARY(16) NOT NULL PRIMARY KEY,
      owner_id VARCHAR(64) NOT NULL,
      \`lines\` JSON NOT NULL,
      state VARCHAR(10) NOT NULL,
      expire_time DATETIME(3) NOT NULL,
      create_time DATETIME(3) NOT NULL,
      KEY reservations_expiry (state, expire_time)
    ) ${TABLE}`);
  }
}
