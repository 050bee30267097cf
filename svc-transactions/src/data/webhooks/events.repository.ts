import type { Events, WebhookEvent } from '../../domain/webhooks/event.ts';
import { writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';

/** Most events interest nobody. Finding that out takes no lock, and saves the row. */
export const INSERT_EVENT = `INSERT INTO webhook_events
  (event_id, type, store_id, user_id, body, due_time, create_time) SELECT ?, ?, ?, ?, ?, ?, ? FROM DUAL WHERE EXISTS (
    SELECT 1 FROM webhook_endpoints WHERE owner_id IN (?, ?) AND disabled_reason = '' AND delete_time IS NULL
      AND (JSON_LENGTH(event_types) = 0 OR ? MEMBER OF (event_types)))`;

/** The outbox in MySQL. @param toBody an event as it is sent. */
export function createEvents({ em }: Orm, toBody: (event: WebhookEvent) => string): Events {
  return {
    add: async (event) => {
      const { eventId, type, time, storeId, userId } = event;
      const owners = [writeId('store', storeId), writeId('usr', userId)];
      const row = [writeId('evt', eventId), type, ...owners, toBody(event), time, time];
      await em.execute(INSERT_EVENT, [...row, ...owners, type]);
    },
  };
}
