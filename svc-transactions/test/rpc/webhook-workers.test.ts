import assert from 'node:assert/strict';
import { mesh } from '@malla/chassis/testing/certificates';
import { startServer } from '../../src/server.ts';
import { type Receiver, startReceiver, verified } from '../support/receiver.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openShop } from '../support/shop.ts';
import { deliveriesOf, deliveryThat, isDelivered, newEndpoint, sendTest } from '../support/webhooks.ts';

const HOUR_MS = 3_600_000;

describe('The workers of webhooks', () => {
  let service: TestService;
  let receiver: Receiver;
  const names = new Map<string, string[]>();
  const webhooks = { resolve: async (name: string) => names.get(name) ?? [] };
  before(async () => {
    service = await startTestService({}, webhooks);
  });
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.stop());
  after(() => service.stop());

  it('send each message once, though two replicas do', async () => {
    const webhookCa = (await (await mesh).issue('receiver')).ca.toString();
    const second = await startServer(service.config, { ...webhooks, webhookCa, clock: service.clock });
    const shop = await openShop(service);
    const endpoints = await Promise.all([1, 2, 3, 4].map((at) => newEndpoint(service, shop, receiver.url(`/${at}`))));
    const tests = endpoints.flatMap(({ webhookEndpointId }) => Array<string>(50).fill(webhookEndpointId));
    for (let start = 0; start < tests.length; start += 25) {
      await Promise.all(tests.slice(start, start + 25).map((id) => sendTest(service, shop, id)));
    }
    const messages = await receiver.count(tests.length);
    for (const { webhookEndpointId, secret } of endpoints) {
      for (const { eventId } of await deliveriesOf(service, shop, webhookEndpointId)) {
        const { attempts } = await deliveryThat(service, shop, { webhookEndpointId, eventId }, isDelivered);
        assert.equal(attempts, 1);
        const sent = messages.filter(({ headers }) => headers['webhook-id'] === eventId);
        assert.deepEqual(
          sent.map((message) => verified(message, secret).id),
          [eventId],
        );
      }
    }
    assert.equal(receiver.received.length, tests.length);
    await second.stop();
  });

  it('let nobody wait for 57 endpoints that hang', async () => {
    receiver.answer(({ path }, response) => {
      if (path !== '/hangs') response.writeHead(204).end();
    });
    const shops = await Promise.all([1, 2, 3].map(() => openShop(service)));
    for (const shop of shops) {
      const hanging = await Promise.all(
        Array.from({ length: 19 }, () => newEndpoint(service, shop, receiver.url('/hangs'))),
      );
      await Promise.all(hanging.map(({ webhookEndpointId }) => sendTest(service, shop, webhookEndpointId)));
    }
    const [shop] = shops;
    assert.ok(shop);
    const well = await newEndpoint(service, shop, receiver.url('/well'));
    const sent = await sendTest(service, shop, well.webhookEndpointId);
    const begun = Date.now();
    await deliveryThat(service, shop, sent, isDelivered);
    // All hang for a second, 32 at a time, and there are 57 of them.
    assert.ok(Date.now() - begun < 4_000, `${Date.now() - begun} ms`);
    for (let at = 0; at < 20; at += 1) {
      const again = await sendTest(service, shop, well.webhookEndpointId);
      await deliveryThat(service, shop, again, isDelivered);
    }
    assert.ok(Date.now() - begun < 15_000, `${Date.now() - begun} ms`);
  });

  it('send one message at a time to an endpoint that fails, and many when it is well again', async () => {
    const shop = await openShop(service);
    receiver.answer((_, response) => void response.writeHead(500).end());
    const { webhookEndpointId } = await newEndpoint(service, shop, receiver.url());
    const first = await sendTest(service, shop, webhookEndpointId);
    await deliveryThat(service, shop, first, ({ attempts }) => attempts === 1);
    for (let at = 0; at < 30; at += 1) await sendTest(service, shop, webhookEndpointId);
    service.clock.advance(2_000);
    await receiver.count(2);
    await deliveryThat(service, shop, first, () => true);
    assert.ok(receiver.received.length <= 3, `${receiver.received.length} messages`);
    receiver.answer((_, response) => void response.writeHead(204).end());
    service.clock.advance(HOUR_MS);
    for (const { eventId } of await deliveriesOf(service, shop, webhookEndpointId)) {
      await deliveryThat(service, shop, { webhookEndpointId, eventId }, isDelivered);
    }
  });

  it('do not connect to where a name leads by now, when that is within', async () => {
    const shop = await openShop(service);
    names.set('rebinding.example.com', ['8.8.8.8']);
    const url = `https://rebinding.example.com:${receiver.port}/`;
    const { webhookEndpointId } = await newEndpoint(service, shop, url);
    names.set('rebinding.example.com', ['127.0.0.1']);
    const sent = await sendTest(service, shop, webhookEndpointId);
    const { lastError, lastResponseStatus } = await deliveryThat(service, shop, sent, ({ attempts }) => attempts === 1);
    assert.deepEqual([lastError, lastResponseStatus], ['ADDRESS_REFUSED', 0]);
    assert.equal(receiver.received.length, 0);
  });
});
