import assert from 'node:assert/strict';
import { RequestContext } from '@mikro-orm/core';
import { type Orm, openOrm } from '../../src/data/orm.ts';
import { createPurge } from '../../src/data/purge.ts';
import { createDeliveryExpiry } from '../../src/data/webhooks/expire.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openShop } from '../support/shop.ts';
import { deliveriesOf, deliveryThat, isDelivered, newEndpoint, sendTest } from '../support/webhooks.ts';

const DAY_MS = 86_400_000;

describe('The purge of webhooks', () => {
  let service: TestService;
  let receiver: Receiver;
  let orm: Orm;
  before(async () => {
    [service, receiver] = [await startTestService(), await startReceiver()];
    orm = openOrm(service.config.DATABASE_URL);
  });
  after(async () => {
    await orm.close();
    await receiver.stop();
    await service.stop();
  });

  it('gives up what was not tried in time, and forgets what is old, secrets first', async () => {
    const shop = await openShop(service);
    const endpoint = await newEndpoint(service, shop, receiver.url());
    const { webhookEndpointId } = endpoint;
    const delivered = await sendTest(service, shop, webhookEndpointId);
    await deliveryThat(service, shop, delivered, isDelivered);
    receiver.answer((_, response) => void response.writeHead(500).end());
    const waiting = await sendTest(service, shop, webhookEndpointId);
    await deliveryThat(service, shop, waiting, ({ attempts }) => attempts === 1);
    const off = { webhookEndpoint: { ...endpoint, enabled: false }, updateMask: ['enabled'] };
    await service.edge.webhooks.updateWebhookEndpoint(off, shop.owner());
    const day = { webhookEndpointId, overlap: { seconds: 86_400n, nanos: 0 } };
    await service.edge.webhooks.rotateWebhookSecret(day, shop.owner());

    assert.deepEqual(await left(), { deliveries: 2, events: 2, endpoints: 1, secrets: 2 });
    service.clock.advance(4 * DAY_MS);
    await purge();
    const { state, lastError, nextAttemptTime } = await deliveryThat(service, shop, waiting, () => true);
    assert.deepEqual([state, lastError, nextAttemptTime], [3, 'HTTP_STATUS', undefined]);
    assert.deepEqual(await left(), { deliveries: 2, events: 2, endpoints: 1, secrets: 1 });
    service.clock.advance(27 * DAY_MS);
    await purge();
    assert.deepEqual(await deliveriesOf(service, shop, webhookEndpointId), []);
    await service.edge.webhooks.deleteWebhookEndpoint({ webhookEndpointId }, shop.owner());
    service.clock.advance(31 * DAY_MS);
    await purge();
    assert.deepEqual(await left(), { deliveries: 0, events: 0, endpoints: 0, secrets: 0 });
  });

  async function purge(): Promise<void> {
    assert.equal(await RequestContext.create(orm.em, createDeliveryExpiry(orm, service.clock)), false);
    await createPurge(orm, service.clock)();
  }

  async function left() {
    const tables = ['deliveries', 'events', 'endpoints', 'secrets'];
    const counts = tables.map(async (table) => {
      const [row] = await service.sql<{ n: number }>(`SELECT COUNT(*) AS n FROM webhook_${table}`);
      return [table, row?.n] as const;
    });
    return Object.fromEntries(await Promise.all(counts));
  }
});
