import { PAGE_SIZE_DEFAULT, type Page, toPage } from '../page.ts';
import { lockEndpoint, requireEndpoint } from './access.ts';
import { newEvent } from './announce.ts';
import { type Delivery, type DeliveryState, deliveryNotFound, newDelivery, replayed } from './delivery.ts';
import { requireEnabled } from './endpoint.ts';
import type { DeliveryView, WebhookDeps } from './ports.ts';

/** The deliveries to an endpoint, newest event first. `pageSize` 0 means 20. @throws as `requireEndpoint` does. */
export async function listDeliveries(
  request: { readonly endpointId: string; readonly state: DeliveryState | undefined; readonly pageSize: number },
  userId: string,
  before: string | undefined,
  deps: WebhookDeps,
): Promise<Page<Delivery>> {
  const { endpointId, state, pageSize } = request;
  await requireEndpoint(endpointId, userId, deps);
  const limit = pageSize || PAGE_SIZE_DEFAULT;
  return toPage(await deps.deliveries.list(endpointId, state, limit + 1, before), limit, ({ eventId }) => eventId);
}

/** @throws DomainError `not-found` (WEBHOOK_ENDPOINT_NOT_FOUND, WEBHOOK_DELIVERY_NOT_FOUND). */
export async function getDelivery(
  endpointId: string,
  eventId: string,
  userId: string,
  deps: WebhookDeps,
): Promise<DeliveryView> {
  await requireEndpoint(endpointId, userId, deps);
  return readDelivery(endpointId, eventId, deps);
}

/**
 * Has an event sent again, with all its tries. What it was told before does not matter.
 * @throws DomainError `precondition` (WEBHOOK_ENDPOINT_DISABLED), and as `getDelivery` does.
 */
export async function replayDelivery(
  endpointId: string,
  eventId: string,
  userId: string,
  deps: WebhookDeps,
): Promise<DeliveryView> {
  await requireEndpoint(endpointId, userId, deps);
  return deps.transact(async () => {
    const endpoint = await lockEndpoint(endpointId, deps);
    requireEnabled(endpoint);
    const known = await readDelivery(endpointId, eventId, deps);
    const delivery = replayed(known.delivery, deps.clock.now());
    await deps.deliveries.save([delivery]);
    await deps.endpoints.save(endpoint);
    return { ...known, delivery };
  });
}

/**
 * Sends an event that means nothing, to one endpoint.
 * @throws DomainError `precondition` (WEBHOOK_ENDPOINT_DISABLED), and as `requireEndpoint` does.
 */
export async function testEndpoint(endpointId: string, userId: string, deps: WebhookDeps): Promise<DeliveryView> {
  await requireEndpoint(endpointId, userId, deps);
  return deps.transact(async () => {
    const endpoint = await lockEndpoint(endpointId, deps);
    requireEnabled(endpoint);
    const { kind: _kind, ...owner } = endpoint.owner;
    const event = newEvent('webhook.test', owner, deps.clock);
    await deps.deliveries.addOnly(event, newDelivery(endpointId, event.eventId, event.type, event.time));
    await deps.endpoints.save(endpoint);
    return readDelivery(endpointId, event.eventId, deps);
  });
}

async function readDelivery(
  endpointId: string,
  eventId: string,
  { deliveries }: Pick<WebhookDeps, 'deliveries'>,
): Promise<DeliveryView> {
  const found = await deliveries.read(endpointId, eventId);
  if (!found) throw deliveryNotFound();
  return found;
}
