import assert from 'node:assert/strict';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openShop, type Shop } from '../support/shop.ts';
import { deliveryThat, endpointThat, isDelivered, newEndpoint, sendTest } from '../support/webhooks.ts';

/** All that one owner may have. */
const ENDPOINTS_MAX = 20;
const DELAY_MS_MAX = 2_500;

describe('Endpoints that answer slowly', () => {
  let service: TestService;
  let receiver: Receiver;
  before(async () => {
    [service, receiver] = [await startTestService({ WEBHOOK_TIMEOUT_MS: 15_000 }), await startReceiver()];
  });
  after(async () => {
    await receiver.stop();
    await service.stop();
  });

  it('of three owners delay no message of a fourth', async () => {
    receiver.answer(({ path }, response) => {
      if (path !== '/tarpit') response.writeHead(204).end();
    });
    const merchant = await openShop(service);
    const well = await newEndpoint(service, merchant, receiver.url('/well'));
    for (let owner = 0; owner < 3; owner += 1) await openTarpits(await openShop(service));
    for (let at = 0; at < 5; at += 1) {
      const begun = Date.now();
      await deliveryThat(service, merchant, await sendTest(service, merchant, well.webhookEndpointId), isDelivered);
      assert.ok(Date.now() - begun < DELAY_MS_MAX, `${Date.now() - begun} ms`);
    }
  });

  it('back off, though they succeed', async () => {
    const shop = await openShop(service);
    receiver.answer((_message, response) => void setTimeout(() => response.writeHead(204).end(), 1_500));
    const { webhookEndpointId } = await newEndpoint(service, shop, receiver.url('/slow'));
    await deliveryThat(service, shop, await sendTest(service, shop, webhookEndpointId), isDelivered);
    const sql =
      'SELECT TIMESTAMPDIFF(MICROSECOND, last_try_time, hold_time) / 1000 AS ms FROM webhook_endpoints JOIN webhook_deliveries USING (endpoint_id) WHERE url LIKE ?';
    const [row] = await service.sql<{ ms: number }>(sql, ['%/slow']);
    assert.ok(Number(row?.ms) > 5_000, `${row?.ms} ms`);
    await endpointThat(service, shop, webhookEndpointId, ({ enabled }) => enabled === true);
  });

  async function openTarpits(shop: Shop): Promise<void> {
    for (let at = 0; at < ENDPOINTS_MAX; at += 1) {
      const { webhookEndpointId } = await newEndpoint(service, shop, receiver.url('/tarpit'));
      await sendTest(service, shop, webhookEndpointId);
    }
  }
});
