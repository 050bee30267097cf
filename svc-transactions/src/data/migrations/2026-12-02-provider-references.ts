import { Migration } from '@mikro-orm/migrations';

/** What providers call a payment; bodies of notifications of any size that the contract lets through. */
export class ProviderReferences20261202 extends Migration {
  override up(): void {
    this.addSql(`ALTER TABLE payments
      ADD COLUMN provider_reference VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'the id that the provider gave it',
      ADD KEY payments_reference (provider_reference)`);
    this.addSql("ALTER TABLE provider_operations ADD COLUMN provider_reference VARCHAR(255) NOT NULL DEFAULT ''");
    this.addSql('ALTER TABLE provider_notifications MODIFY body MEDIUMBLOB NOT NULL');
  }
}
