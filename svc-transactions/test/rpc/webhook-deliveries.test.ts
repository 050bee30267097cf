import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebhookDeliveryState } from '@malla/proto/malla/transactions/v1/webhook';
import { rejectsWith } from '../support/expect.ts';
import { type Receiver, startReceiver, verified } from '../support/receiver.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openShop, type Shop } from '../support/shop.ts';
import { deliveriesOf, deliveryThat, endpointThat, isDelivered, newEndpoint, sendTest } from '../support/webhooks.ts';

const [SECOND_MS, HOUR_MS] = [1_000, 3_600_000];
const QUIET_MS = 600;

describe('Webhook deliveries', () => {
  let service: TestService;
  let receiver: Receiver;
  let shop: Shop;
  before(async () => {
    service = await startTestService();
  });
  beforeEach(async () => {
    receiver = await startReceiver();
    shop = await openShop(service);
  });
  afterEach(() => receiver.stop());
  after(() => service.stop());

  it('show a test event from its beginning to its end, whatever types the endpoint names', async () => {
    const { secret, webhookEndpointId } = await newEndpoint(service, shop, receiver.url(), ['dispute.won']);
    const pending = await sendTest(service, shop, webhookEndpointId);
    assert.deepEqual([pending.state, pending.attempts, pending.eventType], [1, 0, 'webhook.test']);
    const delivery = await deliveryThat(service, shop, pending, isDelivered);
    assert.deepEqual([delivery.attempts, delivery.lastResponseStatus, delivery.lastError], [1, 204, '']);
    assert.ok(delivery.lastAttemptTime);
    assert.equal(delivery.nextAttemptTime, undefined);
    const [message] = receiver.received;
    assert.ok(message);
    assert.equal(message.body, delivery.payload);
    const { id, type, data } = verified(message, secret);
    assert.deepEqual([id, type, data], [pending.eventId, 'webhook.test', { storeId: shop.storeId }]);
  });

  it('are tried again until the endpoint recovers, under the same id', async () => {
    receiver.answer((_, response) => void response.writeHead(500).end());
    const { webhookEndpointId, secret } = await newEndpoint(service, shop, receiver.url());
    const sent = await sendTest(service, shop, webhookEndpointId);
    const failed = await deliveryThat(service, shop, sent, ({ attempts }) => attempts === 1);
    assert.deepEqual(
      [failed.state, failed.lastResponseStatus, failed.lastError],
      [WebhookDeliveryState.PENDING, 500, 'HTTP_STATUS'],
    );
    assert.ok(failed.nextAttemptTime);
    await endpointThat(service, shop, webhookEndpointId, (one) => one.failingSinceTime !== undefined);
    receiver.answer((_, response) => void response.writeHead(200).end('thanks'));
    service.clock.advance(6 * SECOND_MS);
    const delivered = await deliveryThat(service, shop, sent, isDelivered);
    assert.equal(delivered.attempts, 2);
    await endpointThat(service, shop, webhookEndpointId, (one) => one.failingSinceTime === undefined);
    const ids = receiver.received.map((message) => verified(message, secret).id);
    assert.deepEqual(ids, [sent.eventId, sent.eventId]);
  });

  it('end an endpoint that answers 410; enabled again, it hears what waits', async () => {
    receiver.answer((_, response) => void response.writeHead(410).end());
    const { webhookEndpointId } = await newEndpoint(service, shop, receiver.url());
    const sent = await sendTest(service, shop, webhookEndpointId);
    const gone = await endpointThat(service, shop, webhookEndpointId, ({ enabled }) => enabled === false);
    assert.equal(gone.disabledReason, 'GONE');
    service.clock.advance(HOUR_MS);
    await sleep(QUIET_MS);
    assert.equal(receiver.received.length, 1);
    const test = service.edge.webhooks.testWebhookEndpoint({ webhookEndpointId }, shop.owner());
    await rejectsWith(test, 'FAILED_PRECONDITION', 'WEBHOOK_ENDPOINT_DISABLED');
    const replay = service.edge.webhooks.replayWebhookDelivery(sent, shop.owner());
    await rejectsWith(replay, 'FAILED_PRECONDITION', 'WEBHOOK_ENDPOINT_DISABLED');
    receiver.answer((_, response) => void response.writeHead(200).end());
    const enabling = { webhookEndpoint: { ...gone, enabled: true }, updateMask: ['enabled'] };
    await service.edge.webhooks.updateWebhookEndpoint(enabling, shop.owner());
    assert.equal((await deliveryThat(service, shop, sent, isDelivered)).attempts, 2);
  });

  it('fail after ten tries, and disable an endpoint that failed for five days', async () => {
    receiver.answer((_, response) => void response.writeHead(503).end());
    const { webhookEndpointId } = await newEndpoint(service, shop, receiver.url());
    const first = await sendTest(service, shop, webhookEndpointId);
    for (const [at, hours] of [0.002, 0.1, 0.6, 2.2, 5.5, 11, 15.4, 22, 26.4].entries()) {
      await deliveryThat(service, shop, first, ({ attempts }) => attempts === at + 1);
      service.clock.advance(hours * HOUR_MS);
    }
    const failed = await deliveryThat(service, shop, first, ({ attempts }) => attempts === 10);
    assert.deepEqual([failed.state, failed.nextAttemptTime], [WebhookDeliveryState.FAILED, undefined]);
    service.clock.advance(48 * HOUR_MS);
    const second = await sendTest(service, shop, webhookEndpointId);
    const off = await endpointThat(service, shop, webhookEndpointId, ({ enabled }) => enabled === false);
    assert.equal(off.disabledReason, 'FAILED_FOR_LONG');
    assert.notEqual(off.etag, 'v1');
    assert.equal((await deliveryThat(service, shop, second, () => true)).state, WebhookDeliveryState.PENDING);
    service.clock.advance(HOUR_MS);
    await sleep(QUIET_MS);
    assert.equal(receiver.received.length, 11);
  });

  it('are replayed under the same id, delivered or not', async () => {
    const { webhookEndpointId, secret } = await newEndpoint(service, shop, receiver.url());
    const sent = await sendTest(service, shop, webhookEndpointId);
    await deliveryThat(service, shop, sent, isDelivered);
    const { delivery } = await service.edge.webhooks.replayWebhookDelivery(sent, shop.owner());
    assert.deepEqual([delivery?.state, delivery?.attempts], [WebhookDeliveryState.PENDING, 0]);
    const messages = await receiver.count(2);
    assert.deepEqual(
      messages.map((message) => verified(message, secret).id),
      [sent.eventId, sent.eventId],
    );
    assert.equal(messages[0]?.body, messages[1]?.body);
    await deliveryThat(service, shop, sent, isDelivered);
  });

  it('wait for as long as an endpoint asks', async () => {
    receiver.answer((_, response) => void response.writeHead(429, { 'retry-after': '600' }).end());
    const { webhookEndpointId } = await newEndpoint(service, shop, receiver.url());
    const sent = await sendTest(service, shop, webhookEndpointId);
    const tried = await deliveryThat(service, shop, sent, ({ attempts }) => attempts === 1);
    const waitMs = (tried.nextAttemptTime?.getTime() ?? 0) - (tried.lastAttemptTime?.getTime() ?? 0);
    assert.ok(waitMs >= 600 * SECOND_MS, `${waitMs}`);
    // Others to the same endpoint wait with it.
    await sendTest(service, shop, webhookEndpointId);
    service.clock.advance(300 * SECOND_MS);
    await sleep(QUIET_MS);
    assert.equal(receiver.received.length, 1);
    receiver.answer((_, response) => void response.writeHead(204).end());
    service.clock.advance(400 * SECOND_MS);
    await receiver.count(3);
  });

  it('carry a signature by each secret while a new one takes over', async () => {
    const { webhookEndpointId, secret: old } = await newEndpoint(service, shop, receiver.url());
    const overlap = { seconds: 3_600n, nanos: 0 };
    const rotated = await service.edge.webhooks.rotateWebhookSecret({ webhookEndpointId, overlap }, shop.owner());
    await sendTest(service, shop, webhookEndpointId);
    const [both] = await receiver.count(1);
    assert.ok(both);
    for (const secret of [old, rotated.secret]) assert.equal(verified(both, secret).type, 'webhook.test');
    service.clock.advance(HOUR_MS);
    await sendTest(service, shop, webhookEndpointId);
    const [, one] = await receiver.count(2);
    assert.ok(one);
    assert.equal(verified(one, rotated.secret).type, 'webhook.test');
    assert.throws(() => verified(one, old));
  });

  it('are listed in pages and by state, and not there when they are not', async () => {
    const [endpoint, other] = [
      await newEndpoint(service, shop, receiver.url()),
      await newEndpoint(service, shop, receiver.url()),
    ];
    const sent: string[] = [];
    for (let at = 0; at < 5; at += 1) sent.push((await sendTest(service, shop, endpoint.webhookEndpointId)).eventId);
    await receiver.count(5);
    const { webhookEndpointId } = endpoint;
    const request = { webhookEndpointId, state: WebhookDeliveryState.UNSPECIFIED, pageSize: 2, pageToken: '' };
    const seen: string[] = [];
    do {
      const page = await service.edge.webhooks.listWebhookDeliveries(request, shop.owner());
      seen.push(...page.deliveries.map(({ eventId }) => eventId));
      assert.ok(page.deliveries.every(({ payload }) => payload === ''));
      request.pageToken = page.nextPageToken;
    } while (request.pageToken !== '');
    assert.deepEqual(seen, sent.toReversed());
    for (const eventId of sent) await deliveryThat(service, shop, { webhookEndpointId, eventId }, isDelivered);
    const succeeded = await deliveriesOf(service, shop, webhookEndpointId, WebhookDeliveryState.SUCCEEDED);
    assert.equal(succeeded.length, 5);
    assert.deepEqual(await deliveriesOf(service, shop, webhookEndpointId, WebhookDeliveryState.FAILED), []);
    const { nextPageToken } = await service.edge.webhooks.listWebhookDeliveries(request, shop.owner());
    const foreign = { ...request, webhookEndpointId: other.webhookEndpointId, pageToken: nextPageToken };
    const call = service.edge.webhooks.listWebhookDeliveries(foreign, shop.owner());
    await rejectsWith(call, 'INVALID_ARGUMENT', 'PAGE_TOKEN_INVALID');
    const elsewhere = { webhookEndpointId: other.webhookEndpointId, eventId: sent[0] ?? '' };
    const get = service.edge.webhooks.getWebhookDelivery(elsewhere, shop.owner());
    await rejectsWith(get, 'NOT_FOUND', 'WEBHOOK_DELIVERY_NOT_FOUND');
    const replay = service.edge.webhooks.replayWebhookDelivery(elsewhere, shop.owner());
    await rejectsWith(replay, 'NOT_FOUND', 'WEBHOOK_DELIVERY_NOT_FOUND');
  });
});
