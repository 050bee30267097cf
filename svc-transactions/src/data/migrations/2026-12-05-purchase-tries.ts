import { Migration } from '@mikro-orm/migrations';

/** Why purchases do not go on. */
export class PurchaseTries20261205 extends Migration {
  override up(): void {
    this.addSql(`ALTER TABLE purchases
      ADD COLUMN attempts INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of the next step, in vain',
      ADD COLUMN last_error VARCHAR(255) NOT NULL DEFAULT ''`);
  }
}
