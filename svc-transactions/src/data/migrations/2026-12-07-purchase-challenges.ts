import { Migration } from '@mikro-orm/migrations';

/** That the bank wanted something of the user. The version before writes none. */
export class PurchaseChallenges20261207 extends Migration {
  override up(): void {
    this.addSql(`ALTER TABLE purchase_changes
      ADD COLUMN requires_action BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'of the user, at that time'`);
  }
}
