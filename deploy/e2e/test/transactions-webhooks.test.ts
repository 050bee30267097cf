import assert from 'node:assert/strict';
import { buy, newCustomer, until } from '../support/customer.ts';
import { type Answer, assertProblem, call } from '../support/http.ts';
import { type Receiver, startReceiver, verified } from '../support/receiver.ts';
import { ok, openStore, type Shop, sellLamp } from '../support/shop.ts';

const ENDPOINTS = '/v1/transactions/webhookEndpoints';

describe('a webhook endpoint', () => {
  let shop: Shop;
  let receiver: Receiver;
  before(async () => {
    shop = await openStore();
  });
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.stop());

  it('hears of a purchase, signed; what was sent is listed, and sent again on demand', async () => {
    const { token, storeId } = shop;
    const body = { storeId, url: `https://localhost:${receiver.port}/hooks`, eventTypes: ['purchase.captured'] };
    const { webhookEndpoint, secret } = ok(await call('POST', ENDPOINTS, { token, body }));
    const endpoint = `${ENDPOINTS}/${(webhookEndpoint as { webhookEndpointId: string }).webhookEndpointId}`;
    const { variantId } = await sellLamp(shop);
    const purchase = ok(await buy(await newCustomer('tok_success'), variantId, 1));

    const [message] = await receiver.count(1);
    assert.ok(message);
    const event = verified(message, String(secret));
    const { purchaseId, paymentId, userId, total: amount } = purchase;
    assert.deepEqual([event.id, event.type], [message.headers['webhook-id'], 'purchase.captured']);
    assert.deepEqual(event.data, { storeId, userId, purchaseId, paymentId, amount });
    assert.throws(() => verified({ ...message, body: `${message.body} ` }, String(secret)));
    assert.throws(() => verified(message, `whsec_${Buffer.alloc(32).toString('base64')}`));

    const delivery = await until(`${endpoint}/deliveries/${event.id}`, token, isDelivered);
    assert.deepEqual([delivery.attempts, delivery.lastResponseStatus, delivery.payload], [1, 204, message.body]);
    const { deliveries } = ok(await call('GET', `${endpoint}/deliveries`, { token }));
    assert.deepEqual(
      (deliveries as { eventId: string }[]).map(({ eventId }) => eventId),
      [event.id],
    );
    ok(await call('POST', `${endpoint}/deliveries/${event.id}:replay`, { token, body: {} }));
    const [, again] = await receiver.count(2);
    assert.ok(again);
    assert.deepEqual(verified(again, String(secret)), event);
    await until(`${endpoint}/deliveries/${event.id}`, token, isDelivered);
  });

  it('is nowhere inside, and nobody else’s', async () => {
    const { token, storeId } = shop;
    for (const host of [`127.0.0.1:${receiver.port}`, '169.254.169.254', '[::1]:8443', '10.0.0.1', 'svc-users']) {
      const body = { storeId, url: `https://${host}/hooks` };
      assertProblem(await call('POST', ENDPOINTS, { token, body }), 400, 'WEBHOOK_URL_REFUSED');
    }
    const body = { storeId, url: `https://localhost:${receiver.port}/hooks` };
    const somebody = await newCustomer('tok_success');
    assertProblem(await call('POST', ENDPOINTS, { token: somebody, body }), 403, 'ROLE_MISSING');
    const { webhookEndpoint } = ok(await call('POST', ENDPOINTS, { token, body }));
    const endpoint = `${ENDPOINTS}/${(webhookEndpoint as { webhookEndpointId: string }).webhookEndpointId}`;
    assertProblem(await call('GET', endpoint, { token: somebody }), 404, 'WEBHOOK_ENDPOINT_NOT_FOUND');
  });
});

describe('a provider’s webhook', () => {
  const tell = (provider: string, body: string) =>
    call('POST', `/v1/transactions/providers/${provider}/webhook`, { body });

  it('is refused when it is unsigned, empty, too large, or of nobody', async () => {
    for (const body of ['{}', '']) assertProblem(await tell('sandbox', body), 401, 'SIGNATURE_INVALID');
    assertProblem(await tell('sandbox', 'x'.repeat(65_537)), 400, 'MESSAGE_INVALID');
    assertProblem(await tell('other', '{}'), 404, 'PROVIDER_NOT_FOUND');
  });
});

const isDelivered = ({ state }: Answer['body']) => state === 'WEBHOOK_DELIVERY_STATE_SUCCEEDED';
