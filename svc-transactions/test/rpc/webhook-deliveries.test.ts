import assert from 'node:assert/strict';
import { CaptureMethod } from '@malla/proto/malla/transactions/v1/payment';
import { type Receiver, startReceiver, verified } from '../support/receiver.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { confirm, newPayment, openShop, settled } from '../support/shop.ts';
import { deliveriesOf, deliveryThat, isDelivered, newEndpoint } from '../support/webhooks.ts';

describe('Webhooks', () => {
  let service: TestService;
  let receiver: Receiver;
  before(async () => {
    service = await startTestService();
  });
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.stop());
  after(() => service.stop());

  it('tell a store of a payment, signed so that the library accepts it', async () => {
    const shop = await openShop(service);
    const endpoint = await newEndpoint(service, shop, receiver.url());
    const paymentId = await newPayment(service, shop, 'tok_success', CaptureMethod.MANUAL);
    await confirm(service, shop, paymentId);
    await service.edge.payments.capturePayment({ paymentId, amount: undefined }, shop.owner());
    await settled(service, shop, paymentId);
    const messages = await receiver.count(2);
    const events = messages.map((message) => verified(message, endpoint.secret));
    assert.deepEqual(events.map(({ type }) => type).sort(), ['payment.authorised', 'payment.captured']);
    const captured = events.find(({ type }) => type === 'payment.captured');
    assert.deepEqual(captured?.data, {
      storeId: shop.storeId,
      userId: shop.userId,
      paymentId,
      amount: { currencyCode: 'EUR', amountMinor: '10000' },
    });
    const [first] = await deliveriesOf(service, shop, endpoint.webhookEndpointId);
    assert.ok(first);
    const delivery = await deliveryThat(service, shop, first, isDelivered);
    assert.deepEqual([delivery.attempts, delivery.lastResponseStatus, delivery.lastError], [1, 204, '']);
    assert.ok(messages.some(({ body }) => body === delivery.payload));
  });
});
