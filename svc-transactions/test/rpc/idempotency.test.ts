import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { isServiceError, readStatus } from '@malla/chassis/status';
import { mesh } from '@malla/chassis/testing/certificates';
import { PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { startServer } from '../../src/server.ts';
import { connect } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound, confirm, newPayment, openShop, settled } from '../support/shop.ts';

const AT_ONCE = 1_000;
const AGAIN_MS = 100;
/** Less than the lease of a request. */
const PATIENCE_MS = 20_000;

/** Asks until the key is not in use any more. */
async function untilFree<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (const end = Date.now() + PATIENCE_MS; ; ) {
    try {
      return await ask();
    } catch (error) {
      if (!isServiceError(error) || readStatus(error).reason !== 'IDEMPOTENCY_KEY_IN_USE' || Date.now() > end)
        throw error;
      await setTimeout(AGAIN_MS);
    }
  }
}

describe('An Idempotency-Key', () => {
  let service: TestService;
  let second: Awaited<ReturnType<typeof startServer>>;
  before(async () => {
    service = await startTestService({ PROVIDER_TIMEOUT_MS: 10_000 });
    second = await startServer(service.config);
  });
  afterEach(() => assertSound(service));
  after(async () => {
    await second.stop();
    await service.stop();
  });

  /** A customer with a way to pay, a basket, and a key. */
  const readyToBuy = async () => {
    const shop = await openShop(service);
    await service.edge.methods.attachPaymentMethod({ token: 'tok_success' }, shop.customer());
    const { shelves } = service.stores;
    const basket = { lines: [{ variantId: shelves.put(shop.storeId, 1), quantity: 1 }], currencyCode: '' };
    const request = { ...basket, paymentMethodId: '', expectedTotal: undefined };
    return { request, options: shop.customer(randomUUID()), shelves };
  };

  it('is in use on every replica while the first request with it still asks what the basket costs', async () => {
    const shop = await openShop(service);
    await service.edge.methods.attachPaymentMethod({ token: 'tok_success' }, shop.customer());
    const { shelves } = service.stores;
    const variantId = shelves.put(shop.storeId, 1);
    const other = connect(`dns:///127.0.0.1:${second.port}`, await (await mesh).issue('edge-gateway'));
    const options = shop.customer(randomUUID());
    const basket = { lines: [{ variantId, quantity: 1 }], currencyCode: '', paymentMethodId: '' };
    const request = { ...basket, expectedTotal: undefined };
    const asked = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    shelves.before('quoteBasket', () => {
      asked.resolve();
      return goOn.promise;
    });
    const first = service.edge.purchases.createPurchase(request, options);
    await asked.promise;
    const again = other.purchases.createPurchase(request, options);
    await rejectsWith(again, 'ABORTED', 'IDEMPOTENCY_KEY_IN_USE').finally(() => goOn.resolve());
    const { purchase } = await first;
    assert.deepEqual((await other.purchases.createPurchase(request, options)).purchase, purchase);
  });

  it('is free again for a request that was refused', async () => {
    const shop = await openShop(service);
    await service.edge.methods.attachPaymentMethod({ token: 'tok_success' }, shop.customer());
    const { shelves } = service.stores;
    const variantId = shelves.put(shop.storeId, 0);
    const options = shop.customer(randomUUID());
    const basket = { lines: [{ variantId, quantity: 1 }], currencyCode: '', paymentMethodId: '' };
    const request = { ...basket, expectedTotal: undefined };
    const refused = () => service.edge.purchases.createPurchase(request, options);
    await rejectsWith(refused(), 'FAILED_PRECONDITION', 'LINES_UNSERVABLE');
    await rejectsWith(refused(), 'FAILED_PRECONDITION', 'LINES_UNSERVABLE');
  });

  it('has the answer for a client that left and comes again, without waiting until the request is taken for dead', async () => {
    const { request, options, shelves } = await readyToBuy();
    const left = new AbortController();
    const stockAsked = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    shelves.before('commitReservation', () => {
      stockAsked.resolve();
      return goOn.promise;
    });
    const first = service.edge.purchases.createPurchase(request, { ...options, signal: left.signal });
    await stockAsked.promise;
    left.abort();
    await assert.rejects(first);
    goOn.resolve();
    const { purchase } = await untilFree(() => service.edge.purchases.createPurchase(request, options));
    assert.equal(purchase?.state, PurchaseState.CAPTURED);
    const { purchases } = await service.edge.purchases.listPurchases({ pageSize: 0, pageToken: '' }, options);
    assert.deepEqual(purchases, [purchase]);
  });

  it('is free again when the client left before anything was begun', async () => {
    const { request, options, shelves } = await readyToBuy();
    const left = new AbortController();
    shelves.before('quoteBasket', async () => left.abort());
    await assert.rejects(service.edge.purchases.createPurchase(request, { ...options, signal: left.signal }));
    const { purchase } = await untilFree(() => service.edge.purchases.createPurchase(request, options));
    assert.equal(purchase?.state, PurchaseState.CAPTURED);
  });

  it('makes one payment of a thousand creates at once, over two replicas', async () => {
    const shop = await openShop(service);
    const other = connect(`dns:///127.0.0.1:${second.port}`, await (await mesh).issue('edge-gateway'));
    const options = shop.customer(randomUUID());
    const amount = { currencyCode: 'EUR', amountMinor: 100n };
    const request = { storeId: shop.storeId, amount, captureMethod: 0 as const, paymentMethodId: '', description: '' };
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, at) =>
        (at % 2 ? other : service.edge).payments.createPayment(request, options).then(
          ({ payment }) => payment?.paymentId,
          (error: unknown) => (isServiceError(error) ? `${status[error.code]} ${readStatus(error).reason}` : error),
        ),
      ),
    );
    const { payments } = await service.edge.payments.listPayments({ pageSize: 100, pageToken: '' }, shop.customer());
    assert.equal(payments.length, 1);
    const refused = new Set(answers.filter((answer) => answer !== payments[0]?.paymentId));
    for (const one of refused) assert.match(String(one), /^ABORTED (IDEMPOTENCY_KEY_IN_USE|CONTENTION)$|SERVER_BUSY$/);
    assert.ok(answers.length - refused.size > 0);
  });

  it('makes one purchase of a thousand creates at once, over two replicas: one charge, equal answers or ABORTED', async () => {
    const shop = await openShop(service);
    await service.edge.methods.attachPaymentMethod({ token: 'tok_success' }, shop.customer());
    const variantId = service.stores.shelves.put(shop.storeId, AT_ONCE);
    const other = connect(`dns:///127.0.0.1:${second.port}`, await (await mesh).issue('edge-gateway'));
    const options = shop.customer(randomUUID());
    const basket = { lines: [{ variantId, quantity: 1 }], currencyCode: '', paymentMethodId: '' };
    const request = { ...basket, expectedTotal: undefined };
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, at) =>
        (at % 2 ? other : service.edge).purchases.createPurchase(request, options).then(
          ({ purchase }) => purchase,
          (error: unknown) => (isServiceError(error) ? `${status[error.code]} ${readStatus(error).reason}` : error),
        ),
      ),
    );
    const equal = answers.filter((answer) => typeof answer === 'object');
    const refused = answers.filter((answer) => typeof answer !== 'object');
    const { purchase } = await service.edge.purchases.createPurchase(request, options);
    assert.ok(purchase && equal.length > 0);
    for (const one of equal) assert.deepEqual(one, purchase);
    for (const one of refused) assert.match(String(one), /^ABORTED /);
    const { purchases } = await service.edge.purchases.listPurchases({ pageSize: 0, pageToken: '' }, shop.customer());
    assert.deepEqual(
      purchases.map(({ purchaseId }) => purchaseId),
      [purchase.purchaseId],
    );
    const charges = (await service.sandbox.records()).filter(({ reference }) => reference === purchase.paymentId);
    assert.deepEqual(
      charges.map(({ captured }) => BigInt(captured)),
      [purchase.total?.amountMinor],
    );
    assert.equal(service.stores.shelves.variant(variantId).sold, 1);
  });

  it('charges once when 100 confirm at once with one key', async () => {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'tok_success');
    const key = randomUUID();
    await Promise.allSettled(Array.from({ length: 100 }, () => confirm(service, shop, paymentId, key)));
    assert.equal((await settled(service, shop, paymentId)).state, PaymentState.CAPTURED);
    assert.equal((await confirm(service, shop, paymentId, key)).state, PaymentState.CAPTURED);
    const records = (await service.sandbox.records()).filter(({ reference }) => reference === paymentId);
    assert.deepEqual(
      records.map(({ captured }) => captured),
      [10_000],
    );
  });

  it('is demanded, and belongs to one request', async () => {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'tok_success');
    const keyless = shop.customer();
    keyless.metadata.remove('idempotency-key');
    const call = service.edge.payments.confirmPayment({ paymentId, paymentMethodId: '' }, keyless);
    await rejectsWith(call, 'INVALID_ARGUMENT', 'IDEMPOTENCY_KEY_MISSING');
    const key = randomUUID();
    await confirm(service, shop, paymentId, key);
    const again = await newPayment(service, shop, 'tok_success');
    await rejectsWith(confirm(service, shop, again, key), 'INVALID_ARGUMENT', 'IDEMPOTENCY_KEY_REUSED');
  });

  it('goes on with what a dead request began', async () => {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'tok_success');
    const key = randomUUID();
    const first = await confirm(service, shop, paymentId, key);
    // As if the process had died before it could store the answer.
    await service.sql('UPDATE idempotency_keys SET response = NULL ORDER BY create_time DESC LIMIT 1');
    await rejectsWith(confirm(service, shop, paymentId, key), 'ABORTED', 'IDEMPOTENCY_KEY_IN_USE');
    service.clock.advance(61_000);
    assert.deepEqual(await confirm(service, shop, paymentId, key), first);
  });
});
