import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaptureMethod, PaymentState, RefundState } from '@malla/proto/malla/transactions/v1/payment';
import { rejectsWith } from '../support/expect.ts';
import { assertSound, balances, confirm, newPayment, openShop, type Shop, settled } from '../support/shop.ts';
import { type StripeService, startStripeService } from '../support/stripe/service.ts';

const CREATE = 'POST /v1/payment_intents';
const CAPTURE = 'POST /v1/payment_intents/:id/capture';
const REFUND = 'POST /v1/refunds';

describe('Payments by Stripe', () => {
  let running: StripeService;
  before(async () => {
    running = await startStripeService();
  });
  afterEach(async () => {
    await running.allActed();
    await assertSound(running.service);
  });
  after(() => running.stop());

  it('are authorised and captured, and the store gets its money less the fee', async () => {
    const { shop, payment } = await pay('pm_card_visa');
    assert.deepEqual([payment.state, payment.captured?.amountMinor], [PaymentState.CAPTURED, 10_000n]);
    const { status, amount_received, currency, metadata } = running.intentOf(payment.paymentId);
    assert.deepEqual([status, amount_received, currency], ['succeeded', 10_000, 'eur']);
    assert.equal(metadata.payment_id, payment.paymentId);
    assert.deepEqual(await balances(running.service, shop.storeId), { 'store-payable': 9_750 });
  });

  for (const [token, code] of [
    ['pm_card_visa_chargeDeclined', 'generic_decline'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card'],
  ] as const) {
    it(`fail by ${token} with ${code}, and move nothing`, async () => {
      const { shop, payment } = await pay(token);
      assert.deepEqual([payment.state, payment.declineCode], [PaymentState.FAILED, code]);
      assert.deepEqual(await balances(running.service, shop.storeId), {});
    });
  }

  for (const endpoint of [CREATE, CAPTURE]) {
    for (const fault of ['answer-lost', 'request-lost', 'slow', 'rate-limited'] as const) {
      it(`are captured once when this goes wrong: ${endpoint}, ${fault}`, async () => {
        running.stripe.fail(endpoint, fault);
        const { shop, payment } = await pay('pm_card_visa');
        assert.deepEqual([payment.state, payment.outcomeUnknown], [PaymentState.CAPTURED, false]);
        assert.equal(running.intentOf(payment.paymentId).amount_received, 10_000);
        assert.deepEqual(await balances(running.service, shop.storeId), { 'store-payable': 9_750 });
      });
    }
  }

  it('say that their outcome is unknown while neither answers nor events come', async () => {
    const { service, stripe } = running;
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'pm_card_visa');
    stripe.events.hold();
    stripe.fail(CREATE, 'answer-lost');
    for (let at = 0; at < 2; at += 1) stripe.fail('GET /v1/payment_intents', 'request-lost');
    const waiting = await confirm(service, shop, paymentId);
    assert.deepEqual([waiting.state, waiting.outcomeUnknown], [PaymentState.PENDING, true]);
    assert.equal((await settled(service, shop, paymentId)).state, PaymentState.CAPTURED);
    assert.equal(running.intentOf(paymentId).amount_received, 10_000);
    await stripe.events.release();
  });

  for (const [answer, state] of [
    ['pass', PaymentState.CAPTURED],
    ['fail', PaymentState.FAILED],
  ] as const) {
    it(`wait for a challenge, and end when Stripe tells that the user answered it: ${answer}`, async () => {
      const { service, stripe } = running;
      const { shop, payment: waiting } = await pay('pm_card_authenticationRequired');
      assert.equal(waiting.state, PaymentState.REQUIRES_ACTION);
      assert.ok(waiting.actionUrl.startsWith(`${stripe.url}/challenges/`));
      stripe.answerChallenge(waiting.actionUrl, answer);
      let payment = await settled(service, shop, waiting.paymentId);
      while (payment.state === PaymentState.REQUIRES_ACTION) payment = await settled(service, shop, waiting.paymentId);
      assert.equal(payment.state, state);
      if (answer === 'fail') assert.equal(payment.declineCode, 'payment_intent_authentication_failure');
    });
  }

  it('send the user to a long address', async () => {
    const { service } = running;
    const shop = await openShop(service);
    const waiting = await confirm(service, shop, await newPayment(service, shop, 'pm_card_longChallenge'));
    assert.equal(waiting.state, PaymentState.REQUIRES_ACTION);
    assert.ok(waiting.actionUrl.length > 1_900);
  });

  it('fail when the address of a challenge is longer than browsers take', async () => {
    const { service } = running;
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'pm_card_tooLongChallenge');
    await confirm(service, shop, paymentId);
    const failed = await settled(service, shop, paymentId);
    assert.deepEqual([failed.state, failed.declineCode], [PaymentState.FAILED, 'challenge_expired']);
    assert.equal(running.intentOf(paymentId).status, 'canceled');
  });

  it('end a challenge when the user asks, though no event comes', async () => {
    const { service, stripe } = running;
    const { shop, payment: waiting } = await pay('pm_card_authenticationRequired');
    stripe.events.hold();
    stripe.answerChallenge(waiting.actionUrl, 'pass');
    const payment = await confirm(service, shop, waiting.paymentId);
    assert.equal(payment.state, PaymentState.CAPTURED);
    await stripe.events.release();
  });

  it('are captured in part, and the rest is let go', async () => {
    const { service } = running;
    const { shop, payment } = await pay('pm_card_visa', CaptureMethod.MANUAL);
    assert.equal(payment.state, PaymentState.AUTHORISED);
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable pending': 10_000 });
    const request = { paymentId: payment.paymentId, amount: euros(4_000n) };
    const { payment: captured } = await service.edge.payments.capturePayment(request, shop.owner());
    assert.deepEqual([captured?.state, captured?.captured?.amountMinor], [PaymentState.CAPTURED, 4_000n]);
    assert.equal(running.intentOf(payment.paymentId).amount_received, 4_000);
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': 3_900 });
  });

  it('are voided', async () => {
    const { service } = running;
    const { shop, payment } = await pay('pm_card_visa', CaptureMethod.MANUAL);
    const { paymentId } = payment;
    const { payment: voided } = await service.edge.payments.voidPayment({ paymentId }, shop.customer());
    assert.equal(voided?.state, PaymentState.VOIDED);
    assert.equal(running.intentOf(paymentId).status, 'canceled');
    assert.deepEqual(await balances(service, shop.storeId), {});
  });

  it('expire when Stripe lets go of the authorisation by itself', async () => {
    const { service, stripe } = running;
    const { shop, payment } = await pay('pm_card_visa', CaptureMethod.MANUAL);
    stripe.account.cancel(running.intentOf(payment.paymentId), 'automatic');
    let { state } = await settled(service, shop, payment.paymentId);
    while (state === PaymentState.AUTHORISED) ({ state } = await settled(service, shop, payment.paymentId));
    assert.equal(state, PaymentState.EXPIRED);
    assert.deepEqual(await balances(service, shop.storeId), {});
  });

  it('are paid back in parts, once when an answer is lost', async () => {
    const { service, stripe } = running;
    const { shop, payment } = await pay('pm_card_visa');
    const { paymentId } = payment;
    await refund(shop, paymentId, 2_500n);
    stripe.fail(REFUND, 'answer-lost');
    await refund(shop, paymentId, 2_500n);
    const after = await settled(service, shop, paymentId);
    assert.equal(after.refunded?.amountMinor, 5_000n);
    assert.equal(stripe.account.refundedOf(running.intentOf(paymentId)), 5_000);
    await rejectsWith(refund(shop, paymentId, 5_001n), 'FAILED_PRECONDITION', 'REFUND_TOO_LARGE');
  });

  it('give the store its money again when a refund that succeeded fails later, once', async () => {
    const { service, stripe } = running;
    const { shop, payment } = await pay('pm_card_refundFail');
    const { paymentId } = payment;
    assert.equal((await refund(shop, paymentId, 4_000n))?.state, RefundState.SUCCEEDED);
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': 5_750 });
    const [own] = stripe.account.refunds.filter(({ metadata }) => metadata.payment_id === paymentId);
    assert.ok(own);
    stripe.account.endRefund(own, 'failed');
    while (!(await told(shop, paymentId)).includes(RefundState.FAILED)) await sleep(20);
    await running.allActed();
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': 9_750 });
    assert.equal((await settled(service, shop, paymentId)).refunded?.amountMinor, 0n);
    assert.equal((await refund(shop, paymentId, 10_000n))?.state, RefundState.SUCCEEDED);
  });

  it('leave a refund pending that is on its way, until Stripe tells', async () => {
    const { service, stripe } = running;
    const { shop, payment } = await pay('pm_card_pendingRefund');
    const { paymentId } = payment;
    assert.equal((await refund(shop, paymentId, 4_000n))?.state, RefundState.PENDING);
    const [own] = stripe.account.refunds.filter(({ metadata }) => metadata.payment_id === paymentId);
    assert.ok(own);
    stripe.account.endRefund(own, 'succeeded');
    assert.equal((await settled(service, shop, paymentId)).refunded?.amountMinor, 4_000n);
    assert.deepEqual(await told(shop, paymentId), [RefundState.SUCCEEDED]);
  });

  it('are of a currency that Stripe counts in another way', async () => {
    const { service } = running;
    const shop = await openShop(service);
    const { paymentMethod } = await service.edge.methods.attachPaymentMethod(
      { token: 'pm_card_visa' },
      shop.customer(),
    );
    const amount = { currencyCode: 'ISK', amountMinor: 5_000n };
    const about = { storeId: shop.storeId, captureMethod: CaptureMethod.AUTOMATIC, description: 'a hat' };
    const request = { ...about, amount, paymentMethodId: paymentMethod?.paymentMethodId ?? '' };
    const { payment } = await service.edge.payments.createPayment(request, shop.customer());
    const captured = await confirm(service, shop, payment?.paymentId ?? '');
    assert.deepEqual([captured.state, captured.captured?.amountMinor], [PaymentState.CAPTURED, 5_000n]);
    assert.equal(running.intentOf(captured.paymentId).amount_received, 500_000);
  });

  it('take no card of somebody else, and forget one at Stripe too', async () => {
    const { service, stripe } = running;
    const [shop, other] = [await openShop(service), await openShop(service)];
    const { edge } = service;
    const { paymentMethod } = await edge.methods.attachPaymentMethod({ token: 'pm_card_visa' }, shop.customer());
    assert.deepEqual([paymentMethod?.brand, paymentMethod?.last4], ['visa', '4242']);
    const [id = ''] = [...stripe.account.methods.keys()].slice(-1);
    const stolen = edge.methods.attachPaymentMethod({ token: id }, other.customer());
    await rejectsWith(stolen, 'INVALID_ARGUMENT', 'PAYMENT_TOKEN_UNKNOWN');
    const request = { paymentMethodId: paymentMethod?.paymentMethodId ?? '' };
    await edge.methods.detachPaymentMethod(request, shop.customer());
    assert.equal(stripe.account.methods.get(id)?.customer, null);
    const bad = edge.methods.attachPaymentMethod({ token: 'pm_card_chargeDeclined' }, shop.customer());
    await rejectsWith(bad, 'FAILED_PRECONDITION', 'PAYMENT_METHOD_DECLINED');
  });

  async function pay(token: string, captureMethod: CaptureMethod = CaptureMethod.AUTOMATIC) {
    const { service } = running;
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, token, captureMethod);
    await confirm(service, shop, paymentId);
    return { shop, payment: await settled(service, shop, paymentId) };
  }

  async function refund(shop: Shop, paymentId: string, amountMinor: bigint) {
    const request = { paymentId, amount: euros(amountMinor), reason: '' };
    return (await running.service.edge.payments.refundPayment(request, shop.owner())).refund;
  }

  async function told(shop: Shop, paymentId: string): Promise<RefundState[]> {
    const request = { paymentId, pageSize: 0, pageToken: '' };
    const { refunds } = await running.service.edge.payments.listRefunds(request, shop.customer());
    return refunds.map(({ state }) => state);
  }

  function euros(amountMinor: bigint) {
    return { currencyCode: 'EUR', amountMinor };
  }
});
