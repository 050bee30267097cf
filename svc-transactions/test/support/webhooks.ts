import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type WebhookDelivery,
  WebhookDeliveryState,
  WebhookEndpoint,
} from '@malla/proto/malla/transactions/v1/webhook';
import type { TestService } from './service.ts';
import type { Shop } from './shop.ts';

const WAIT_MS = 10_000;
const POLL_MS = 20;

/** Registers an endpoint of the shop's store. */
export async function newEndpoint({ edge }: TestService, shop: Shop, url: string, eventTypes: string[] = []) {
  const request = { storeId: shop.storeId, url, eventTypes };
  const { webhookEndpoint, secret } = await edge.webhooks.createWebhookEndpoint(request, shop.owner());
  assert.ok(webhookEndpoint);
  return { ...webhookEndpoint, secret };
}

/** The deliveries to an endpoint, newest first. */
export async function deliveriesOf(
  { edge }: TestService,
  shop: Shop,
  webhookEndpointId: string,
  state: WebhookDeliveryState = WebhookDeliveryState.UNSPECIFIED,
): Promise<WebhookDelivery[]> {
  const request = { webhookEndpointId, state, pageSize: 100, pageToken: '' };
  return (await edge.webhooks.listWebhookDeliveries(request, shop.owner())).deliveries;
}

/** Reads a delivery until something is so. */
export async function deliveryThat(
  { edge }: TestService,
  shop: Shop,
  { webhookEndpointId, eventId }: { webhookEndpointId: string; eventId: string },
  isSo: (delivery: WebhookDelivery) => boolean,
): Promise<WebhookDelivery> {
  const until = Date.now() + WAIT_MS;
  for (;;) {
    const { delivery } = await edge.webhooks.getWebhookDelivery({ webhookEndpointId, eventId }, shop.owner());
    assert.ok(delivery);
    if (isSo(delivery)) return delivery;
    assert.ok(Date.now() < until, `it is still so: ${JSON.stringify(delivery)}`);
    await sleep(POLL_MS);
  }
}

/** Sends a test event. @returns its delivery as it is then. */
export async function sendTest({ edge }: TestService, shop: Shop, webhookEndpointId: string): Promise<WebhookDelivery> {
  const { delivery } = await edge.webhooks.testWebhookEndpoint({ webhookEndpointId }, shop.owner());
  assert.ok(delivery);
  return delivery;
}

/** Reads an endpoint until something is so. */
export async function endpointThat(
  { edge }: TestService,
  shop: Shop,
  webhookEndpointId: string,
  isSo: (endpoint: WebhookEndpoint) => boolean,
): Promise<WebhookEndpoint> {
  const until = Date.now() + WAIT_MS;
  for (;;) {
    const { webhookEndpoint } = await edge.webhooks.getWebhookEndpoint({ webhookEndpointId }, shop.owner());
    assert.ok(webhookEndpoint);
    if (isSo(webhookEndpoint)) return webhookEndpoint;
    assert.ok(Date.now() < until, `it is still so: ${JSON.stringify(webhookEndpoint)}`);
    await sleep(POLL_MS);
  }
}

export const isDelivered = ({ state }: WebhookDelivery) => state === WebhookDeliveryState.SUCCEEDED;

/** An endpoint without values. */
export function endpointOf(webhookEndpointId: string): WebhookEndpoint {
  return WebhookEndpoint.fromPartial({ webhookEndpointId });
}
