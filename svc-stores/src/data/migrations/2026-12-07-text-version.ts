import { Migration } from '@mikro-orm/migrations';

/**
 * How an entry's texts were folded and cut into postings. Workers make entries of an older version again, a batch at a time:
 * what a replica of the release before writes meanwhile is of version 0, and follows.
 */
export class TextVersion20261207 extends Migration {
  override up(): void {
    this.addSql(`ALTER TABLE catalog ADD COLUMN text_version SMALLINT UNSIGNED NOT NULL DEFAULT 0,
      ADD KEY catalog_text_version (text_version)`);
  }
}
