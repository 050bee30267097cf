import { Migration } from '@mikro-orm/migrations';

/** By whose turn it is and whose endpoint that is: slots are shared by owner. The version before goes by the older index. */
export class WebhookTurns20261207 extends Migration {
  override up(): void {
    this.addSql('ALTER TABLE webhook_endpoints ADD KEY webhook_endpoints_turn_owner (next_turn_time, owner_id)');
  }
}
