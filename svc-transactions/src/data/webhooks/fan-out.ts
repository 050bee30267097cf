import type { Transact } from '../../domain/ports.ts';
import { newDelivery } from '../../domain/webhooks/delivery.ts';
import { marks, readId } from '../columns.ts';
import { insertMany } from '../insert-many.ts';
import type { Orm } from '../orm.ts';
import { deliveryValues, INSERT_DELIVERIES } from './deliveries.repository.ts';

const EVENTS_MAX = 100;
export const LOCK_DUE_EVENTS = `SELECT event_id, type, store_id, user_id FROM webhook_events WHERE due_time <= ?
  ORDER BY due_time LIMIT ${EVENTS_MAX} FOR UPDATE SKIP LOCKED`;
/** One that has to wait goes on waiting; one that slept has its turn now. */
const WAKE = `UPDATE webhook_endpoints SET next_turn_time = LEAST(COALESCE(next_turn_time, GREATEST(hold_time, ?)),
  GREATEST(hold_time, ?)) WHERE endpoint_id IN`;

interface EventRow {
  readonly event_id: Buffer;
  readonly type: string;
  readonly store_id: Buffer | null;
  readonly user_id: Buffer | null;
}

interface EndpointRow {
  readonly endpoint_id: Buffer;
  readonly owner_id: Buffer;
  readonly event_types: string[];
}

/**
 * Hands events to the endpoints that want them, some at a time, in one transaction: the outbox and the deliveries are in one
 * database. The work of the transactions that wrote the events is over by then, and waits for no endpoint's lock.
 * @returns how; tells whether there were events.
 */
export function createFanOut({ em }: Orm, transact: Transact): (now: Date) => Promise<boolean> {
  return (now) =>
    transact(async () => {
      const events = await em.execute<EventRow[]>(LOCK_DUE_EVENTS, [now]);
      if (events.length === 0) return false;
      const endpoints = await lockEndpoints(em, events);
      const pairs = events.flatMap((event) =>
        endpoints.filter((endpoint) => wants(endpoint, event)).map((endpoint) => ({ event, endpoint })),
      );
      const rows = pairs.map(({ event, endpoint }) =>
        newDelivery(readId('we', endpoint.endpoint_id), readId('evt', event.event_id), event.type, now),
      );
      await insertMany(em, INSERT_DELIVERIES, rows.map(deliveryValues));
      const woken = [...new Set(pairs.map(({ endpoint }) => endpoint.endpoint_id))];
      if (woken.length > 0) await em.execute(`${WAKE} (${marks(woken)})`, [now, now, ...woken]);
      const ids = events.map(({ event_id }) => event_id);
      await em.execute(`UPDATE webhook_events SET due_time = NULL WHERE event_id IN (${marks(ids)})`, ids);
      return true;
    });
}

/** Locked, an endpoint cannot end its turn without seeing the deliveries that are added to it. */
async function lockEndpoints(em: Orm['em'], events: readonly EventRow[]): Promise<EndpointRow[]> {
  const ids = events.flatMap(({ store_id, user_id }) => [store_id, user_id]).filter((id) => id !== null);
  const owners = [...new Map(ids.map((id) => [id.toString('hex'), id])).values()];
  if (owners.length === 0) return [];
  const sql = `SELECT endpoint_id, owner_id, event_types FROM webhook_endpoints WHERE owner_id IN (${marks(owners)})
    AND disabled_reason = '' AND delete_time IS NULL ORDER BY endpoint_id FOR UPDATE`;
  return em.execute<EndpointRow[]>(sql, owners);
}

function wants({ owner_id: owner, event_types: types }: EndpointRow, { store_id, user_id, type }: EventRow): boolean {
  const isOfOwner = owner.equals(store_id ?? Buffer.alloc(0)) || owner.equals(user_id ?? Buffer.alloc(0));
  return isOfOwner && (types.length === 0 || types.includes(type));
}
