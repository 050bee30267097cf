import { Migration } from '@mikro-orm/migrations';

/** Who bought, as the receipt names them. The version before writes none. */
export class PurchaseCustomer20261207 extends Migration {
  override up(): void {
    this.addSql("ALTER TABLE purchases ADD COLUMN customer JSON NULL COMMENT 'name and address, as they were then'");
  }
}
