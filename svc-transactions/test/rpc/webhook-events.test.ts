import assert from 'node:assert/strict';
import { CaptureMethod } from '@malla/proto/malla/transactions/v1/payment';
import { rejectsWith } from '../support/expect.ts';
import { type Receiver, startReceiver, verified } from '../support/receiver.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound, confirm, newPayment, openShop, type Shop, settled } from '../support/shop.ts';
import { deliveriesOf, newEndpoint } from '../support/webhooks.ts';

const HOUR_MS = 3_600_000;

describe('Webhook events', () => {
  let service: TestService;
  let receiver: Receiver;
  before(async () => {
    service = await startTestService();
  });
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await assertSound(service);
    await receiver.stop();
  });
  after(() => service.stop());

  it('tell a store of a payment, signed so that the library accepts it', async () => {
    const shop = await openShop(service);
    const { secret } = await newEndpoint(service, shop, receiver.url());
    const paymentId = await pay(shop, 'tok_success', CaptureMethod.MANUAL);
    const amount = { currencyCode: 'EUR', amountMinor: 4_000n };
    await service.edge.payments.capturePayment({ paymentId, amount }, shop.owner());
    const events = (await receiver.count(2)).map((message) => verified(message, secret));
    const about = { storeId: shop.storeId, userId: shop.userId, paymentId };
    assert.deepEqual(byType(events), {
      'payment.authorised': { ...about, amount: { currencyCode: 'EUR', amountMinor: '10000' } },
      'payment.captured': { ...about, amount: { currencyCode: 'EUR', amountMinor: '4000' } },
    });
  });

  it('tell of a purchase from its beginning until it is paid back', async () => {
    const { shop, variantId } = await open('tok_success');
    const { secret } = await newEndpoint(service, shop, receiver.url());
    const { paymentId, purchaseId } = await buy(shop, variantId);
    for (const amountMinor of [190n, 1_000n]) {
      const request = { paymentId, amount: { currencyCode: 'EUR', amountMinor }, reason: '' };
      await service.edge.payments.refundPayment(request, shop.owner());
    }
    const events = (await receiver.count(10)).map((message) => verified(message, secret));
    assert.deepEqual(events.map(({ type }) => type).sort(), [
      ...['payment.authorised', 'payment.captured', 'purchase.captured', 'purchase.created'],
      ...['purchase.partly_refunded', 'purchase.refunded'],
      ...['refund.created', 'refund.created', 'refund.succeeded', 'refund.succeeded'],
    ]);
    assert.ok(events.every(({ data }) => (data as { purchaseId: string }).purchaseId === purchaseId));
    assert.equal(new Set(events.map(({ id }) => id)).size, 10);
  });

  it('tell why a purchase failed, was cancelled, and what became of its payment', async () => {
    const { shop, variantId } = await open('tok_insufficient_funds');
    const { secret } = await newEndpoint(service, shop, receiver.url());
    await buy(shop, variantId);
    const failed = byType((await receiver.count(3)).map((message) => verified(message, secret)));
    assert.deepEqual(Object.keys(failed).sort(), ['payment.failed', 'purchase.created', 'purchase.failed']);
    assert.equal((failed['payment.failed'] as { reason: string }).reason, 'insufficient_funds');
    assert.equal((failed['purchase.failed'] as { reason: string }).reason, 'PAYMENT_FAILED');

    await attach(shop, 'tok_challenge');
    const { purchaseId } = await buy(shop, variantId);
    await service.edge.purchases.cancelPurchase({ purchaseId }, shop.customer());
    const cancelled = byType((await receiver.count(7)).slice(3).map((message) => verified(message, secret)));
    assert.deepEqual(Object.keys(cancelled).sort(), [
      ...['payment.requires_action', 'payment.voided', 'purchase.cancelled', 'purchase.created'],
    ]);
    assert.equal((cancelled['purchase.cancelled'] as { reason: string }).reason, 'CANCELLED_BY_USER');
  });

  it('tell of refunds that fail, of disputes, and of authorisations that are over', async () => {
    const shop = await openShop(service);
    const types = ['refund.failed', 'dispute.opened', 'dispute.lost', 'payment.expired'];
    const { secret } = await newEndpoint(service, shop, receiver.url(), types);
    const paymentId = await pay(shop, 'tok_refund_fails');
    await service.edge.payments.refundPayment({ paymentId, amount: undefined, reason: '' }, shop.owner());
    await pay(shop, 'tok_dispute_opened');
    await pay(shop, 'tok_dispute_lost');
    await pay(shop, 'tok_success', CaptureMethod.MANUAL);
    service.clock.advance(8 * 24 * HOUR_MS);
    // The beginning of a dispute may be told after its end, and has happened before it then.
    const seen = new Set<string>();
    for (let at = 0; seen.size < types.length; at += 1) {
      const [message] = (await receiver.count(at + 1)).slice(at);
      assert.ok(message);
      seen.add(verified(message, secret).type);
    }
    assert.deepEqual([...seen].sort(), types.toSorted());
  });

  it('are those of what happened: 50 refunds race, three are told', async () => {
    const shop = await openShop(service);
    const { webhookEndpointId } = await newEndpoint(service, shop, receiver.url(), ['refund.created']);
    const paymentId = await pay(shop, 'tok_success');
    const amount = { currencyCode: 'EUR', amountMinor: 3_333n };
    const race = Array.from({ length: 50 }, () =>
      service.edge.payments.refundPayment({ paymentId, amount, reason: '' }, shop.owner()),
    );
    await Promise.allSettled(race);
    await receiver.count(3);
    assert.equal((await deliveriesOf(service, shop, webhookEndpointId)).length, 3);
    assert.equal(receiver.received.length, 3);
  });

  it('reach the store, who pays, and nobody else', async () => {
    const [shop, other] = [await openShop(service), await openShop(service)];
    const own = (path: string) => ({ storeId: '', url: receiver.url(path), eventTypes: ['payment.captured'] });
    await service.edge.webhooks.createWebhookEndpoint(own('/customer'), shop.customer());
    await service.edge.webhooks.createWebhookEndpoint(own('/other-customer'), other.customer());
    await newEndpoint(service, shop, receiver.url('/store'), ['payment.captured']);
    await newEndpoint(service, shop, receiver.url('/other-types'), ['dispute.won']);
    await newEndpoint(service, other, receiver.url('/other-store'));
    const off = await newEndpoint(service, shop, receiver.url('/off'));
    const disabling = { webhookEndpoint: { ...off, enabled: false }, updateMask: ['enabled'] };
    await service.edge.webhooks.updateWebhookEndpoint(disabling, shop.owner());
    const gone = await newEndpoint(service, shop, receiver.url('/gone'));
    await service.edge.webhooks.deleteWebhookEndpoint(gone, shop.owner());
    await pay(shop, 'tok_success');
    await receiver.count(2);
    // What is last has reached everybody else before.
    await pay(other, 'tok_success');
    const messages = await receiver.count(4);
    const paths = messages.map(({ path }) => path).sort();
    assert.deepEqual(paths, ['/customer', '/other-customer', '/other-store', '/store']);
    const ids = messages.filter(({ path }) => path === '/customer' || path === '/store').map(({ body }) => body);
    assert.equal(ids[0], ids[1], 'it is one event, the same for both');
  });

  it('leave nothing behind when nobody listens', async () => {
    const shop = await openShop(service);
    await newEndpoint(service, shop, receiver.url(), ['dispute.won']);
    const count = async () => (await service.sql<{ n: number }>('SELECT COUNT(*) AS n FROM webhook_events'))[0]?.n;
    const before = await count();
    await pay(shop, 'tok_success');
    assert.equal(await count(), before);
    const call = service.edge.payments.capturePayment(
      { paymentId: await pay(shop, 'tok_success'), amount: undefined },
      shop.owner(),
    );
    await rejectsWith(call, 'FAILED_PRECONDITION', 'PAYMENT_STATE_WRONG');
    assert.equal(await count(), before);
  });

  interface Told {
    readonly type: string;
    readonly data: unknown;
  }

  function byType(events: readonly Told[]): Record<string, unknown> {
    return Object.fromEntries(events.map(({ type, data }) => [type, data]));
  }

  async function pay(shop: Shop, token: string, method?: CaptureMethod): Promise<string> {
    const paymentId = await newPayment(service, shop, token, method);
    await confirm(service, shop, paymentId);
    await settled(service, shop, paymentId);
    return paymentId;
  }

  async function open(token: string) {
    const shop = await openShop(service);
    await attach(shop, token);
    return { shop, variantId: service.stores.shelves.put(shop.storeId, 10) };
  }

  async function attach(shop: Shop, token: string): Promise<void> {
    const { paymentMethod } = await service.edge.methods.attachPaymentMethod({ token }, shop.customer());
    const paymentMethodId = paymentMethod?.paymentMethodId ?? '';
    await service.edge.methods.setDefaultPaymentMethod({ paymentMethodId }, shop.customer());
  }

  async function buy(shop: Shop, variantId: string) {
    const request = {
      lines: [{ variantId, quantity: 1 }],
      currencyCode: '',
      paymentMethodId: '',
      expectedTotal: undefined,
    };
    const { purchase } = await service.edge.purchases.createPurchase(request, shop.customer());
    assert.ok(purchase);
    return purchase;
  }
});
