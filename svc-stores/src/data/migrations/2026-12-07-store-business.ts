import { Migration } from '@mikro-orm/migrations';

/** Whose business a store is, as it stands on receipts. The version before writes none. */
export class StoreBusiness20261207 extends Migration {
  override up(): void {
    this.addSql(`ALTER TABLE stores
      ADD COLUMN legal_name VARCHAR(200) NOT NULL DEFAULT '',
      ADD COLUMN postal_address VARCHAR(500) NOT NULL DEFAULT '',
      ADD COLUMN tax_id VARCHAR(50) NOT NULL DEFAULT ''`);
  }
}
