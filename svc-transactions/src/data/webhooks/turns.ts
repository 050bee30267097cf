import type { Transact } from '../../domain/ports.ts';
import type { Turn, Turns } from '../../domain/webhooks/deliver.ts';
import type { WebhookSecrets } from '../../domain/webhooks/ports.ts';
import { marks, splitId } from '../columns.ts';
import type { Orm } from '../orm.ts';
import { type DeliveryRow, DUE_DELIVERIES, toDelivery } from './deliveries.repository.ts';
import { type EndpointRow, toEndpoint } from './endpoints.repository.ts';

/** By an index that has the owner in it: the endpoints of those who are passed over are not read. */
export const lockDueEndpoint = (passedOver: readonly unknown[]) => `SELECT * FROM webhook_endpoints
  FORCE INDEX (webhook_endpoints_turn_owner) WHERE next_turn_time <= ?
  ${passedOver.length > 0 ? `AND owner_id NOT IN (${marks(passedOver)})` : ''}
  ORDER BY next_turn_time LIMIT 1 FOR UPDATE SKIP LOCKED`;
const LEASE = 'UPDATE webhook_endpoints SET hold_time = ?, next_turn_time = ? WHERE endpoint_id = ?';
/** How many messages an endpoint is sent at once; one that fails gets one at a time. */
const MESSAGES_MAX = 10;

/** The turns of endpoints, in MySQL. */
export function createTurns({ em }: Orm, secrets: WebhookSecrets, transact: Transact): Turns {
  return {
    take: (now, leaseTime, passedOver) =>
      transact(async (): Promise<Turn | undefined> => {
        const owners = passedOver.map((id) => splitId(id)[1]);
        const [row] = await em.execute<EndpointRow[]>(lockDueEndpoint(owners), [now, ...owners]);
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
