import { Migration } from '@mikro-orm/migrations';

/** Finds whether a variant was ever sold by one look-up, however long its log is. */
export class EverSold20261207 extends Migration {
  override up(): void {
    this.addSql('ALTER TABLE stock_entries ADD KEY stock_entries_reason (variant_id, reason)');
  }
}
