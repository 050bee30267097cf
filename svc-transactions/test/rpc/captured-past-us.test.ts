import assert from 'node:assert/strict';
import { CaptureMethod, type Payment, PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { type Purchase, PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { buy, eventually, openShelf, until } from '../support/purchases.ts';
import { assertSound, balances, confirm, newPayment, openShop, type Shop, settled } from '../support/shop.ts';
import { type StripeService, startStripeService } from '../support/stripe/service.ts';
import { newId } from '../support/stripe/shapes.ts';

const DAY_MS = 86_400_000;
const BACK = { onHand: 5, reserved: 0, sold: 0 };

describe('Money that was taken at the provider past us', () => {
  let running: StripeService;
  beforeEach(async () => {
    running = await startStripeService();
  });
  afterEach(async () => {
    await assertSound(running.service);
    await running.stop();
  });

  for (const [amount, payable] of [
    [10_000, 9_750],
    [4_000, 3_900],
  ] as const) {
    it(`is booked as what it is when the provider tells of it: ${amount} of 10000`, async () => {
      const { service, stripe } = running;
      const { shop, paymentId } = await authorised();
      stripe.account.capture(running.intentOf(paymentId), amount);
      await becomes(shop, paymentId, PaymentState.CAPTURED);
      assert.equal((await read(shop, paymentId)).captured?.amountMinor, BigInt(amount));
      await running.allActed();
      assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': payable });
      const request = { paymentId, amount: undefined, reason: '' };
      await service.edge.payments.refundPayment(request, shop.owner());
      assert.equal(stripe.account.refundedOf(running.intentOf(paymentId)), amount);
    });
  }

  it('is booked when it is found as it is to be let go', async () => {
    const { service, stripe } = running;
    const { shop, paymentId } = await authorised();
    stripe.events.hold();
    stripe.account.capture(running.intentOf(paymentId), 10_000);
    const { payment } = await service.edge.payments.voidPayment({ paymentId }, shop.owner());
    assert.deepEqual([payment?.state, payment?.captured?.amountMinor], [PaymentState.CAPTURED, 10_000n]);
    await stripe.events.release();
    await running.allActed();
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': 9_750 });
  });

  it('is booked when its authorisation is over, and never told as expired', async () => {
    const { service, stripe } = running;
    const { shop, paymentId } = await authorised();
    stripe.events.hold();
    stripe.account.capture(running.intentOf(paymentId), 10_000);
    stripe.events.drop();
    service.clock.advance(9 * DAY_MS);
    await becomes(shop, paymentId, PaymentState.CAPTURED);
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': 9_750 });
  });

  it('is kept for people when the payment has ended, or is no payment of ours', async () => {
    const { service, stripe } = running;
    const { shop, paymentId } = await authorised();
    const intent = running.intentOf(paymentId);
    const copy = { ...structuredClone(intent), id: newId('pi') };
    stripe.account.capture(copy, 10_000);
    await kept(copy.id);
    assert.equal((await read(shop, paymentId)).state, PaymentState.AUTHORISED);
    await service.edge.payments.voidPayment({ paymentId }, shop.owner());
    stripe.account.capture(intent, 10_000);
    await kept(intent.id);
    assert.equal((await read(shop, paymentId)).state, PaymentState.VOIDED);
  });

  it('goes back when its purchase is cancelled', async () => {
    const { service, stripe } = running;
    const { shop, purchase, stock } = await bought(() => Promise.reject(new Error('svc-stores is away')));
    const { purchaseId, paymentId } = purchase;
    const intent = running.intentOf(paymentId);
    stripe.events.hold();
    stripe.account.capture(intent, 2_380);
    await service.edge.purchases.cancelPurchase({ purchaseId }, shop.customer());
    const { state, reason } = await until(service, shop, purchaseId, (one) => one.state !== PurchaseState.CANCELLING);
    assert.deepEqual([state, reason], [PurchaseState.CANCELLED, 'CANCELLED_BY_USER']);
    assert.equal(stripe.account.refundedOf(intent), 2_380);
    const payment = await read(shop, paymentId);
    assert.deepEqual([payment.state, payment.refunded?.amountMinor], [PaymentState.CAPTURED, 2_380n]);
    assert.partialDeepStrictEqual(stock(), BACK);
    await stripe.events.release();
    await running.allActed();
  });

  it('lets its purchase end when the provider declines to pay it back, as when people have done that there too', async () => {
    const { service, stripe } = running;
    const { shop, purchase } = await bought(() => Promise.reject(new Error('svc-stores is away')));
    const intent = running.intentOf(purchase.paymentId);
    stripe.events.hold();
    stripe.account.capture(intent, 1_000);
    stripe.account.refund(intent, 1_000, {});
    const { purchaseId } = purchase;
    const cancelled = await service.edge.purchases.cancelPurchase({ purchaseId }, shop.customer());
    assert.equal(cancelled.purchase?.state, PurchaseState.CANCELLING);
    service.clock.advance(DAY_MS / 4);
    await until(service, shop, purchaseId, ({ state }) => state === PurchaseState.CANCELLED);
    const payment = await read(shop, purchase.paymentId);
    assert.deepEqual([payment.captured?.amountMinor, payment.refunded?.amountMinor], [1_000n, 0n]);
    stripe.events.drop();
  });

  it('can be paid back by people when its purchase had ended before', async () => {
    const { service, stripe } = running;
    const { shop, purchase } = await bought(() => Promise.reject(new Error('svc-stores is away')));
    const { paymentId, purchaseId } = purchase;
    await service.sql("UPDATE purchases SET state = 'failed', reason = 'TIMED_OUT', next_step_time = NULL");
    const intent = running.intentOf(paymentId);
    stripe.account.capture(intent, 2_380);
    await becomes(shop, paymentId, PaymentState.CAPTURED);
    await service.edge.payments.refundPayment({ paymentId, amount: undefined, reason: '' }, shop.owner());
    assert.equal((await settled(service, shop, paymentId)).refunded?.amountMinor, 2_380n);
    assert.equal(stripe.account.refundedOf(intent), 2_380);
    await until(service, shop, purchaseId, ({ state }) => state === PurchaseState.FAILED);
  });

  it('is that of its purchase, which goes on when it can', async () => {
    const { service, stripe } = running;
    const { shop, purchase } = await bought(() => Promise.reject(new Error('svc-stores is away')));
    stripe.account.capture(running.intentOf(purchase.paymentId), 2_380);
    await until(service, shop, purchase.purchaseId, ({ state }) => state === PurchaseState.CAPTURED);
    await running.allActed();
  });

  /** A purchase whose money is set aside, and whose stock is not sold at once. */
  async function bought(before: () => Promise<void>): Promise<{ shop: Shop; purchase: Purchase; stock: () => object }> {
    const { service } = running;
    const { shop, variantId } = await openShelf(service, 'pm_card_visa', 5);
    service.stores.shelves.before('commitReservation', before);
    const purchase = await buy(service, shop, [{ variantId, quantity: 2 }]);
    assert.equal(purchase.state, PurchaseState.AUTHORISED);
    return { shop, purchase, stock: () => service.stores.shelves.variant(variantId) };
  }

  async function authorised(): Promise<{ shop: Shop; paymentId: string }> {
    const { service } = running;
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'pm_card_visa', CaptureMethod.MANUAL);
    await confirm(service, shop, paymentId);
    assert.equal((await settled(service, shop, paymentId)).state, PaymentState.AUTHORISED);
    await running.allActed();
    return { shop, paymentId };
  }

  async function read(shop: Shop, paymentId: string): Promise<Payment> {
    const { payment } = await running.service.edge.payments.getPayment({ paymentId }, shop.customer());
    assert.ok(payment);
    return payment;
  }

  async function becomes(shop: Shop, paymentId: string, state: PaymentState): Promise<void> {
    await eventually(async () => (await read(shop, paymentId)).state === state, `state ${state}`);
  }

  /** Waits until a notification of an intent could not be acted upon, and takes it away. */
  async function kept(intentId: string): Promise<void> {
    const failed = `SELECT last_error FROM provider_notifications WHERE attempts > 0 AND body LIKE '%"id":"${intentId}"%'`;
    const why = async () => (await running.service.sql<{ last_error: string }>(failed))[0]?.last_error;
    await eventually(async () => (await why()) !== undefined, 'a failure');
    assert.match((await why()) ?? '', /moved past Malla/);
    await running.service.sql('UPDATE provider_notifications SET next_try_time = NULL');
  }
});
