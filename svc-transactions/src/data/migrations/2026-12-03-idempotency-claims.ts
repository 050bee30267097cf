import { Migration } from '@mikro-orm/migrations';

/** Which request has a key. The version before this one writes none, and asks for none. */
export class IdempotencyClaims20261203 extends Migration {
  override up(): void {
    this.addSql(`ALTER TABLE idempotency_keys
      ADD COLUMN claim_id BINARY(16) NOT NULL DEFAULT '' COMMENT 'of the request that has the key' AFTER id`);
  }
}
