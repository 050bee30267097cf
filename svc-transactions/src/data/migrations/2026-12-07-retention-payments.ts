import { Migration } from '@mikro-orm/migrations';

/** By when payments that are still of somebody were made, to clear whose they were. */
export class RetentionPayments20261207 extends Migration {
  override up(): void {
    this.addSql(`ALTER TABLE payments
      ADD KEY payments_named ((IF(user_id = X'00000000000000000000000000000000', NULL, create_time)))`);
  }
}
