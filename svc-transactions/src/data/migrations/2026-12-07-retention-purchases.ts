import { Migration } from '@mikro-orm/migrations';

/** By when purchases that are still of somebody were made, to clear whose they were. */
export class RetentionPurchases20261207 extends Migration {
  override up(): void {
    this.addSql(`ALTER TABLE purchases
      ADD KEY purchases_named ((IF(user_id = X'00000000000000000000000000000000', NULL, create_time)))`);
  }
}
