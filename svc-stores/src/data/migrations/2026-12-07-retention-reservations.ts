import { Migration } from '@mikro-orm/migrations';

/** By which old reservations are found that sold nothing; those that did are none of the index's. */
export class RetentionReservations20261207 extends Migration {
  override up(): void {
    this.addSql(`ALTER TABLE reservations
      ADD KEY reservations_ended ((IF(state = 'released' OR state = 'expired', expire_time, NULL)))`);
  }
}
