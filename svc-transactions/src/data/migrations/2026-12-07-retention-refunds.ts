import { Migration } from '@mikro-orm/migrations';

/** By when refunds that have a reason were made, to clear the reason. */
export class RetentionRefunds20261207 extends Migration {
  override up(): void {
    this.addSql(`ALTER TABLE refunds ADD KEY refunds_explained ((IF(reason = '', NULL, create_time)))`);
  }
}
