import type { Delivery, DeliveryState } from '../../domain/webhooks/delivery.ts';
import type { WebhookEvent } from '../../domain/webhooks/event.ts';
import type { Deliveries } from '../../domain/webhooks/ports.ts';
import { readId, readTime, writeId } from '../columns.ts';
import { insertMany, type SqlValue } from '../insert-many.ts';
import type { Orm } from '../orm.ts';
import { LAST_ID } from '../payments/payments.repository.ts';

const COLUMNS = `d.endpoint_id, d.event_id, d.state, d.attempts, d.last_try_time, d.last_status, d.last_error, d.next_try_time,
  d.expire_time, d.create_time, e.type`;
const FROM = 'FROM webhook_deliveries d JOIN webhook_events e ON e.event_id = d.event_id';
export const INSERT_DELIVERIES = `INSERT INTO webhook_deliveries (endpoint_id, event_id, state, attempts, last_try_time,
  last_status, last_error, next_try_time, expire_time, create_time)`;
const SAVE = `AS new ON DUPLICATE KEY UPDATE state = new.state, attempts = new.attempts, last_try_time = new.last_try_time,
  last_status = new.last_status, last_error = new.last_error, next_try_time = new.next_try_time, expire_time = new.expire_time`;
const INSERT_EVENT = `INSERT INTO webhook_events (event_id, type, store_id, user_id, body, due_time, create_time)
  VALUES (?, ?, ?, ?, ?, NULL, ?)`;
export const LIST_DELIVERIES = {
  any: `SELECT STRAIGHT_JOIN ${COLUMNS} ${FROM.replace('d JOIN', 'd FORCE INDEX (PRIMARY) JOIN')}
    WHERE d.endpoint_id = ? AND d.event_id < ? ORDER BY d.event_id DESC LIMIT ?`,
  in: `SELECT STRAIGHT_JOIN ${COLUMNS} ${FROM.replace('d JOIN', 'd FORCE INDEX (webhook_deliveries_state) JOIN')}
    WHERE d.endpoint_id = ? AND d.event_id < ? AND d.state = ? ORDER BY d.event_id DESC LIMIT ?`,
};
export const DUE_DELIVERIES = `SELECT STRAIGHT_JOIN ${COLUMNS}, e.body
  ${FROM.replace('d JOIN', 'd FORCE INDEX (webhook_deliveries_due) JOIN')}
  WHERE d.endpoint_id = ? AND d.next_try_time <= ? ORDER BY d.next_try_time LIMIT ?`;

export interface DeliveryRow {
  readonly endpoint_id: Buffer;
  readonly event_id: Buffer;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly last_try_time: string | null;
  readonly last_status: number;
  readonly last_error: string;
  readonly next_try_time: string | null;
  readonly expire_time: string | null;
  readonly create_time: string;
  readonly type: string;
  /** Not in lists. */
  readonly body: string;
}

/** What is on its way to webhook endpoints, in MySQL. @param toBody an event as it is sent. */
export function createDeliveries({ em }: Orm, toBody: (event: WebhookEvent) => string): Deliveries {
  return {
    read: async (endpointId, eventId) => {
      const sql = `SELECT ${COLUMNS}, e.body ${FROM} WHERE d.endpoint_id = ? AND d.event_id = ?`;
      const [row] = await em.execute<DeliveryRow[]>(sql, [writeId('we', endpointId), writeId('evt', eventId)]);
      return row && { delivery: toDelivery(row), body: row.body };
    },
    list: async (endpointId, state, limit, before) => {
      const of = [writeId('we', endpointId), before === undefined ? LAST_ID : writeId('evt', before)];
      const [sql, parameters] = state
        ? [LIST_DELIVERIES.in, [...of, state, limit]]
        : [LIST_DELIVERIES.any, [...of, limit]];
      return (await em.execute<DeliveryRow[]>(sql, parameters)).map(toDelivery);
    },
    addOnly: async (event, delivery) => {
      const owners = [writeNullable('store', event.storeId), writeNullable('usr', event.userId)];
      const values = [writeId('evt', event.eventId), event.type, ...owners, toBody(event), event.time];
      await em.execute(INSERT_EVENT, values);
      await insertMany(em, INSERT_DELIVERIES, [deliveryValues(delivery)]);
    },
    save: (deliveries) => insertMany(em, INSERT_DELIVERIES, deliveries.map(deliveryValues), SAVE),
  };
}

function writeNullable(prefix: string, id: string): Buffer | null {
  return id === '' ? null : writeId(prefix, id);
}

export function deliveryValues(one: Delivery): SqlValue[] {
  return [
    ...[writeId('we', one.endpointId), writeId('evt', one.eventId), one.state, one.attempts, one.lastTryTime],
    ...[one.lastStatus, one.lastError, one.nextTryTime, one.expireTime, one.createTime],
  ];
}

export function toDelivery(row: DeliveryRow): Delivery {
  const nullable = (time: string | null) => (time === null ? null : readTime(time));
  return {
    endpointId: readId('we', row.endpoint_id),
    eventId: readId('evt', row.event_id),
    eventType: row.type,
    state: row.state,
    attempts: row.attempts,
    lastTryTime: nullable(row.last_try_time),
    lastStatus: row.last_status,
    lastError: row.last_error,
    nextTryTime: nullable(row.next_try_time),
    expireTime: nullable(row.expire_time),
    createTime: readTime(row.create_time),
  };
}
