import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { type Purchase, PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { rejectsWith } from '../support/expect.ts';
import { eventually } from '../support/purchases.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound, openShop, type Shop } from '../support/shop.ts';

const FINAL: readonly PurchaseState[] = [PurchaseState.CAPTURED, PurchaseState.CANCELLED, PurchaseState.FAILED];
const MINUTE_MS = 60_000;

describe('PurchasesService', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService({ PROVIDER_TIMEOUT_MS: 700 });
  });
  afterEach(() => assertSound(service));
  after(() => service.stop());

  it('quotes with taxes, and changes nothing', async () => {
    const { shop, variantId } = await open('tok_success', 5);
    const request = { lines: [{ variantId, quantity: 3 }], currencyCode: '' };
    const quote = await service.edge.purchases.quotePurchase(request, shop.customer());
    assert.deepEqual(
      [quote.subtotal, quote.tax, quote.total].map((money) => money?.amountMinor),
      [3_000n, 570n, 3_570n],
    );
    assert.equal(service.stores.shelves.variant(variantId).reserved, 0);
  });

  it('refuses lines that cannot be served or are of two stores, naming them', async () => {
    const { shop, variantId } = await open('tok_success', 1);
    const short = { lines: [{ variantId, quantity: 2 }], currencyCode: '' };
    const told = await rejectsWith(
      service.edge.purchases.quotePurchase(short, shop.customer()),
      'FAILED_PRECONDITION',
      'LINES_UNSERVABLE',
    );
    assert.deepEqual(
      told.fields.map(({ field, reason }) => [field, reason]),
      [['lines[0]', 'OUT_OF_STOCK']],
    );
    const other = (await open('tok_success', 1)).variantId;
    const mixed = { lines: [variantId, other].map((id) => ({ variantId: id, quantity: 1 })), currencyCode: '' };
    const call = service.edge.purchases.quotePurchase(mixed, shop.customer());
    await rejectsWith(call, 'INVALID_ARGUMENT', 'STORES_MIXED');
  });

  it('sells the stock and takes the money', async () => {
    const { shop, variantId } = await open('tok_success', 5);
    const purchase = await buy(shop, variantId, 2);
    assert.equal(purchase.state, PurchaseState.CAPTURED);
    assert.deepEqual(stockOf(variantId), { onHand: 3, reserved: 0, sold: 2 });
    assert.equal((await service.sandbox.recordOf(purchase.paymentId))?.captured, 2_380);
    const { purchases } = await service.edge.purchases.listPurchases({ pageSize: 0, pageToken: '' }, shop.customer());
    assert.deepEqual(purchases, [purchase]);
    const request = { storeId: shop.storeId, pageSize: 0, pageToken: '' };
    assert.deepEqual((await service.edge.purchases.listStorePurchases(request, shop.owner())).purchases, [purchase]);
  });

  it('says when it is refunded', async () => {
    const { shop, variantId } = await open('tok_success', 5);
    const { paymentId, purchaseId } = await buy(shop, variantId, 1);
    const refund = async (amountMinor: bigint) => {
      const request = { paymentId, amount: { currencyCode: 'EUR', amountMinor }, reason: '' };
      await service.edge.payments.refundPayment(request, shop.owner());
      return (await read(shop, purchaseId)).state;
    };
    assert.equal(await refund(190n), PurchaseState.PARTLY_REFUNDED);
    assert.equal(await refund(1_000n), PurchaseState.REFUNDED);
  });

  it('fails and gives the stock back when the payment is declined', async () => {
    const { shop, variantId } = await open('tok_card_declined', 5);
    const purchase = await buy(shop, variantId, 2);
    assert.deepEqual([purchase.state, purchase.reason], [PurchaseState.FAILED, 'PAYMENT_FAILED']);
    assert.deepEqual(stockOf(variantId), { onHand: 5, reserved: 0, sold: 0 });
  });

  it('never sells more than there is, to 20 who buy at once', async () => {
    const { shop, variantId } = await open('tok_success', 7);
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => buy(shop, variantId, 1)));
    const sold = outcomes.filter((one) => one.status === 'fulfilled' && one.value.state === PurchaseState.CAPTURED);
    assert.equal(sold.length, 7);
    assert.deepEqual(stockOf(variantId), { onHand: 0, reserved: 0, sold: 7 });
  });

  it('answers ABORTED when the price is not the one that was agreed to', async () => {
    const { shop, variantId } = await open('tok_success', 5);
    const expectedTotal = { currencyCode: 'EUR', amountMinor: 1n };
    await rejectsWith(buy(shop, variantId, 1, { expectedTotal }), 'ABORTED', 'PRICE_CHANGED');
  });

  for (const method of ['reserveStock', 'commitReservation'] as const) {
    it(`is bought once when the answer to ${method} is lost`, async () => {
      const { shop, variantId } = await open('tok_success', 5);
      service.stores.shelves.loseAnswer(method);
      const purchase = await final(shop, await buy(shop, variantId, 2));
      assert.equal(purchase.state, PurchaseState.CAPTURED);
      assert.deepEqual(stockOf(variantId), { onHand: 3, reserved: 0, sold: 2 });
    });
  }

  for (const token of ['tok_answer_lost', 'tok_fails_first', 'tok_notified_early']) {
    it(`is paid once by ${token}`, async () => {
      const { shop, variantId } = await open(token, 5);
      const purchase = await final(shop, await buy(shop, variantId, 1));
      assert.equal(purchase.state, PurchaseState.CAPTURED);
      const records = (await service.sandbox.records()).filter(({ reference }) => reference === purchase.paymentId);
      assert.deepEqual(
        records.map(({ captured }) => captured),
        [1_190],
      );
    });
  }

  it('waits for a challenge, and goes on when it is passed', async () => {
    const { shop, variantId } = await open('tok_challenge', 5);
    const purchase = await buy(shop, variantId, 1);
    assert.equal(purchase.state, PurchaseState.RESERVED);
    const { paymentId } = purchase;
    const { payment } = await service.edge.payments.getPayment({ paymentId }, shop.customer());
    assert.equal(payment?.state, PaymentState.REQUIRES_ACTION);
    await service.sandbox.answerChallenge(payment.actionUrl, 'pass');
    assert.equal((await final(shop, purchase)).state, PurchaseState.CAPTURED);
  });

  it('goes on at once when a challenge is passed that took minutes', async () => {
    const { shop, variantId } = await open('tok_challenge', 5);
    const purchase = await buy(shop, variantId, 1);
    service.clock.advance(10 * MINUTE_MS);
    // Whoever looks at it then looks again in half a minute.
    const soon = new Date(service.clock.now().getTime() + 20_000);
    const LOOKED_AT = 'SELECT 1 FROM purchases WHERE next_step_time > ?';
    await eventually(async () => (await service.sql(LOOKED_AT, [soon])).length > 0, 'it was looked at');
    const { paymentId } = purchase;
    const { payment } = await service.edge.payments.getPayment({ paymentId }, shop.customer());
    await service.sandbox.answerChallenge(payment?.actionUrl ?? '', 'pass');
    assert.equal((await final(shop, purchase)).state, PurchaseState.CAPTURED);
    assert.ok(service.clock.now() < soon);
  });

  it('cancels while a challenge is waited for: stock and money are let go', async () => {
    const { shop, variantId } = await open('tok_challenge', 5);
    const { purchaseId, paymentId } = await buy(shop, variantId, 1);
    const { purchase } = await service.edge.purchases.cancelPurchase({ purchaseId }, shop.customer());
    assert.deepEqual([purchase?.state, purchase?.reason], [PurchaseState.CANCELLED, 'CANCELLED_BY_USER']);
    assert.deepEqual(stockOf(variantId), { onHand: 5, reserved: 0, sold: 0 });
    assert.equal((await service.sandbox.recordOf(paymentId))?.status, 'voided');
    await service.edge.purchases.cancelPurchase({ purchaseId }, shop.customer());
  });

  it('gives up what takes too long', async () => {
    const { shop, variantId } = await open('tok_challenge', 5);
    const purchase = await buy(shop, variantId, 1);
    service.clock.advance(21 * MINUTE_MS);
    const over = await final(shop, purchase);
    assert.deepEqual([over.state, over.reason], [PurchaseState.FAILED, 'TIMED_OUT']);
    assert.equal(stockOf(variantId).reserved, 0);
  });

  it('lets the money go when the stock is not kept any more', async () => {
    const { shop, variantId } = await open('tok_success', 5);
    service.stores.shelves.before('commitReservation', async () => service.stores.shelves.expireAll());
    const purchase = await final(shop, await buy(shop, variantId, 1));
    assert.deepEqual([purchase.state, purchase.reason], [PurchaseState.FAILED, 'STOCK_LOST']);
    assert.equal((await service.sandbox.recordOf(purchase.paymentId))?.status, 'voided');
  });

  it('cannot be cancelled in the moment in which the stock is sold, and is then bought', async () => {
    const { shop, variantId } = await open('tok_success', 5);
    service.stores.shelves.loseAnswer('commitReservation');
    const { purchaseId, state } = await buy(shop, variantId, 1);
    assert.equal(state, PurchaseState.AUTHORISED);
    const cancelled = service.edge.purchases.cancelPurchase({ purchaseId }, shop.customer());
    const { purchase } = await cancelled;
    assert.deepEqual([purchase?.state, purchase?.reason], [PurchaseState.CAPTURED, '']);
    const call = service.edge.purchases.cancelPurchase({ purchaseId }, shop.customer());
    await rejectsWith(call, 'FAILED_PRECONDITION', 'PURCHASE_STATE_WRONG');
  });

  it('leaves its payment to itself, and is not there for strangers', async () => {
    const { shop, variantId } = await open('tok_challenge', 5);
    const other = await openShop(service);
    const { purchaseId, paymentId } = await buy(shop, variantId, 1);
    await service.edge.purchases.cancelPurchase({ purchaseId }, shop.customer());
    const call = service.edge.payments.voidPayment({ paymentId }, shop.owner());
    await rejectsWith(call, 'FAILED_PRECONDITION', 'PAYMENT_OF_PURCHASE');
    const stranger = service.edge.purchases.getPurchase({ purchaseId }, other.customer());
    await rejectsWith(stranger, 'NOT_FOUND', 'PURCHASE_NOT_FOUND');
    const cancel = service.edge.purchases.cancelPurchase({ purchaseId }, other.customer());
    await rejectsWith(cancel, 'NOT_FOUND', 'PURCHASE_NOT_FOUND');
  });

  it('makes one purchase of 300 creates at once with one key', async () => {
    const { shop, variantId } = await open('tok_success', 5);
    const key = randomUUID();
    await Promise.allSettled(Array.from({ length: 300 }, () => buy(shop, variantId, 1, { key })));
    assert.equal((await buy(shop, variantId, 1, { key })).state, PurchaseState.CAPTURED);
    assert.deepEqual(stockOf(variantId), { onHand: 4, reserved: 0, sold: 1 });
  });

  it('goes on with what a dead request began, though it took the last one', async () => {
    const { shop, variantId } = await open('tok_success', 1);
    const key = randomUUID();
    const first = await buy(shop, variantId, 1, { key });
    await service.sql('UPDATE idempotency_keys SET response = NULL ORDER BY create_time DESC LIMIT 1');
    service.clock.advance(MINUTE_MS);
    assert.deepEqual(await buy(shop, variantId, 1, { key }), first);
    await rejectsWith(buy(shop, variantId, 1), 'FAILED_PRECONDITION', 'LINES_UNSERVABLE');
  });

  async function open(token: string, onHand: number) {
    const shop = await openShop(service);
    await service.edge.methods.attachPaymentMethod({ token }, shop.customer());
    return { shop, variantId: service.stores.shelves.put(shop.storeId, onHand) };
  }

  async function buy(
    shop: Shop,
    variantId: string,
    quantity: number,
    { key, expectedTotal }: { key?: string; expectedTotal?: { currencyCode: string; amountMinor: bigint } } = {},
  ): Promise<Purchase> {
    const request = { lines: [{ variantId, quantity }], currencyCode: '', paymentMethodId: '', expectedTotal };
    const { purchase } = await service.edge.purchases.createPurchase(request, shop.customer(key));
    assert.ok(purchase);
    return purchase;
  }

  async function read(shop: Shop, purchaseId: string): Promise<Purchase> {
    const { purchase } = await service.edge.purchases.getPurchase({ purchaseId }, shop.customer());
    assert.ok(purchase);
    return purchase;
  }

  /** Reads a purchase until it is final. */
  async function final(shop: Shop, { purchaseId }: Purchase): Promise<Purchase> {
    for (;;) {
      const purchase = await read(shop, purchaseId);
      if (FINAL.includes(purchase.state)) return purchase;
      await sleep(50);
    }
  }

  function stockOf(variantId: string) {
    const { onHand, reserved, sold } = service.stores.shelves.variant(variantId);
    return { onHand, reserved, sold };
  }
});
