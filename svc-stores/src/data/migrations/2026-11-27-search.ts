import { Migration } from '@mikro-orm/migrations';

/**
 * Postings for the words of names and tags, so that what has them there is found first without sorting: the workers make
 * every entry anew. And an index that nobody reads.
 */
export class Search20261127 extends Migration {
  override up(): void {
    this.addSql(`ALTER TABLE catalog ADD COLUMN title_terms VARBINARY(16384) NOT NULL DEFAULT '', DROP COLUMN tag_words,
      RENAME COLUMN name_words TO title_words`);
    this.addSql('ALTER TABLE stock DROP KEY stock_product');
    this.addSql(
      `INSERT INTO catalog_sweeps (sweep_id, store_id, category_id, after_product_id)
      SELECT UUID_TO_BIN(UUID()), store_id, NULL, ? FROM stores WHERE state = 'open'`.replace(
        '?',
        `x'${'00'.repeat(16)}'`,
      ),
    );
  }
}
