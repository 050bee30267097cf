import { Migration } from '@mikro-orm/migrations';

/** By which old imports are found. */
export class RetentionImports20261207 extends Migration {
  override up(): void {
    this.addSql('ALTER TABLE imports ADD KEY imports_update (update_time)');
  }
}
