import { Migration } from '@mikro-orm/migrations';

/**
 * Ids of adjustments, which callers choose, have a column of their own, so that the ids of entries keep the order of time. The
 * default makes the entries of the version before this one, whose ids are both, hold their ids against a repetition here.
 *
 * And how much was sold, from which the log alone can tell what the stock says. Entries of the version before have none: see
 * `SOLD_CHANGE`. Nothing that was written is changed.
 */
export class StockLog20261201 extends Migration {
  override up(): void {
    this.addSql(`ALTER TABLE stock_entries
      ADD COLUMN sold_change INT NULL,
      ADD COLUMN adjustment_id BINARY(16) NOT NULL DEFAULT (entry_id),
      ADD UNIQUE KEY stock_entries_adjustment (adjustment_id)`);
  }
}
