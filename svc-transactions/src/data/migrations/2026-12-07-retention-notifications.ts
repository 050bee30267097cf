import { Migration } from '@mikro-orm/migrations';

/** By when notifications of the provider came, to end those that are old. */
export class RetentionNotifications20261207 extends Migration {
  override up(): void {
    this.addSql(`ALTER TABLE provider_notifications ADD KEY provider_notifications_create (create_time)`);
  }
}
