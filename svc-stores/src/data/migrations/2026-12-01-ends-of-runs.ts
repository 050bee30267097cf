import { Migration } from '@mikro-orm/migrations';

/**
 * Marks the end of each run of a script without words, as the version after this does, so that a run's last character is found
 * alone. Written here and not by a sweep, which the workers of the version before would do in their way. What these still write
 * until they are replaced gets its marks when the product changes next; by all else it is found meanwhile.
 */
export class EndsOfRuns20261201 extends Migration {
  override up(): void {
    this.addSql(`UPDATE catalog SET search_ngrams = CONCAT(REPLACE(search_ngrams, ' ', '_ '), '_')
      WHERE search_ngrams <> '' AND RIGHT(search_ngrams, 1) <> '_'`);
  }
}
