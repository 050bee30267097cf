import type { Transact } from '../../domain/ports.ts';
import type { Turn, Turns } from '../../domain/webhooks/deliver.ts';
import type { WebhookSecrets } from '../../domain/webhooks/ports.ts';
import type { Orm } from '../orm.ts';
import { type DeliveryRow, DUE_DELIVERIES, toDelivery } from './deliveries.repository.ts';
import { type EndpointRow, toEndpoint } from './endpoints.repository.ts';

export const LOCK_DUE_ENDPOINT = `SELECT * FROM webhook_endpoints WHERE next_turn_time <= ?
  ORDER BY next_turn_time LIMIT 1 FOR UPDATE SKIP LOCKED`;
const LEASE = 'UPDATE webhook_endpoints SET hold_time = ?, next_turn_time = ? WHERE endpoint_id = ?';
/** How many messages an endpoint is sent at once; one that fails gets one at a time. */
const MESSAGES_MAX = 10;

/** The turns of endpoints, in MySQL. */
export function createTurns({ em }: Orm, secrets: WebhookSecrets, transact: Transact): Turns {
  return {
    take: (now, leaseTime) =>
      transact(async (): Promise<Turn | undefined> => {
        const [row] = await em.execute<EndpointRow[]>(LOCK_DUE_ENDPOINT, [now]);
        if (!row) return undefined;
        await em.execute(LEASE, [leaseTime, leaseTime, row.endpoint_id]);
        const limit = row.failures > 0 ? 1 : MESSAGES_MAX;
        const due = await em.execute<DeliveryRow[]>(DUE_DELIVERIES, [row.endpoint_id, now, limit]);
        const endpoint = toEndpoint(row);
        return {
          endpoint,
          secrets: await secrets.list([endpoint.endpointId], now),
          due: due.map((one) => ({ delivery: toDelivery(one), body: one.body })),
        };
      }),
  };
}
