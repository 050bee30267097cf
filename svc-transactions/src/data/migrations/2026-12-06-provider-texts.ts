import { Migration } from '@mikro-orm/migrations';

/** Addresses of challenges as long as browsers take them; why a notification was not acted upon. */
export class ProviderTexts20261206 extends Migration {
  override up(): void {
    this.addSql('ALTER TABLE payments MODIFY action_url VARCHAR(2048) NOT NULL');
    this.addSql(`ALTER TABLE provider_notifications
      ADD COLUMN last_error VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'why it was not acted upon'`);
  }
}
