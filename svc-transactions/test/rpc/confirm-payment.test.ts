import assert from 'node:assert/strict';
import { CaptureMethod, PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound, balances, confirm, newPayment, openShop, settled } from '../support/shop.ts';

describe('PaymentsService/ConfirmPayment', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  afterEach(() => assertSound(service));
  after(() => service.stop());

  it('authorises and captures, and the store gets it less the fee', async () => {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'tok_success');
    const payment = await confirm(service, shop, paymentId);
    assert.equal(payment.state, PaymentState.CAPTURED);
    assert.equal(payment.captured?.amountMinor, 10_000n);
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': 9_750 });
    const record = await service.sandbox.recordOf(paymentId);
    assert.deepEqual([record?.status, record?.captured], ['captured', 10_000]);
  });

  for (const [token, code] of [
    ['tok_card_declined', 'card_declined'],
    ['tok_insufficient_funds', 'insufficient_funds'],
    ['tok_expired_card', 'expired_card'],
  ] as const) {
    it(`fails a payment by ${token} with ${code}, and moves nothing`, async () => {
      const shop = await openShop(service);
      const payment = await confirm(service, shop, await newPayment(service, shop, token));
      assert.deepEqual([payment.state, payment.declineCode], [PaymentState.FAILED, code]);
      assert.deepEqual(await balances(service, shop.storeId), {});
    });
  }

  for (const token of [
    ...['tok_answer_lost', 'tok_slow_answer', 'tok_notified_twice', 'tok_notified_early'],
    ...['tok_notified_reversed', 'tok_never_notified'],
  ]) {
    it(`captures a payment by ${token} once, however it is told`, async () => {
      const shop = await openShop(service);
      const paymentId = await newPayment(service, shop, token);
      const answered = await confirm(service, shop, paymentId);
      assert.ok([PaymentState.PENDING, PaymentState.CAPTURED].includes(answered.state as 2 | 5));
      const payment = await settled(service, shop, paymentId);
      assert.deepEqual([payment.state, payment.outcomeUnknown], [PaymentState.CAPTURED, false]);
      assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': 9_750 });
      const records = (await service.sandbox.records()).filter(({ reference }) => reference === paymentId);
      assert.deepEqual(
        records.map(({ captured }) => captured),
        [10_000],
      );
    });
  }

  it('says that an outcome is unknown while the provider does not tell', async () => {
    const shop = await openShop(service);
    const payment = await confirm(service, shop, await newPayment(service, shop, 'tok_fails_first'));
    assert.deepEqual([payment.state, payment.outcomeUnknown], [PaymentState.PENDING, true]);
    const told = await settled(service, shop, payment.paymentId);
    assert.deepEqual([told.state, told.outcomeUnknown], [PaymentState.CAPTURED, false]);
  });

  it('wants an action, and goes on when the user has passed it', async () => {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'tok_challenge');
    const waiting = await confirm(service, shop, paymentId);
    assert.equal(waiting.state, PaymentState.REQUIRES_ACTION);
    assert.equal((await confirm(service, shop, paymentId)).state, PaymentState.REQUIRES_ACTION);
    await service.sandbox.answerChallenge(waiting.actionUrl, 'pass');
    await confirm(service, shop, paymentId).catch(() => undefined); // The notification may have been faster.
    const payment = await settled(service, shop, paymentId);
    assert.deepEqual([payment.state, payment.actionUrl], [PaymentState.CAPTURED, '']);
  });

  it('fails when the user fails the action', async () => {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'tok_challenge');
    const { actionUrl } = await confirm(service, shop, paymentId);
    await service.sandbox.answerChallenge(actionUrl, 'fail');
    while ((await settled(service, shop, paymentId)).state === PaymentState.REQUIRES_ACTION);
    const payment = await settled(service, shop, paymentId);
    assert.deepEqual([payment.state, payment.declineCode], [PaymentState.FAILED, 'challenge_failed']);
  });

  it('answers FAILED_PRECONDITION the second time, and when there is no payment method', async () => {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'tok_success');
    await confirm(service, shop, paymentId);
    await rejectsWith(confirm(service, shop, paymentId), 'FAILED_PRECONDITION', 'PAYMENT_STATE_WRONG');
    const poor = await openShop(service);
    const amount = { currencyCode: 'EUR', amountMinor: 1n };
    const request = { storeId: poor.storeId, amount, captureMethod: 0 as const, paymentMethodId: '', description: '' };
    const { payment } = await service.edge.payments.createPayment(request, poor.customer());
    const call = confirm(service, poor, payment?.paymentId ?? '');
    await rejectsWith(call, 'FAILED_PRECONDITION', 'PAYMENT_METHOD_MISSING');
  });

  it('answers NOT_FOUND to anybody but who pays', async () => {
    const [shop, other] = [await openShop(service), await openShop(service)];
    const paymentId = await newPayment(service, shop, 'tok_success');
    await rejectsWith(confirm(service, other, paymentId), 'NOT_FOUND', 'PAYMENT_NOT_FOUND');
    const read = service.edge.payments.getPayment({ paymentId }, other.customer());
    await rejectsWith(read, 'NOT_FOUND', 'PAYMENT_NOT_FOUND');
  });

  it('leaves an authorisation that is captured by hand, captures a part, and lets the rest go', async () => {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'tok_success', CaptureMethod.MANUAL);
    assert.equal((await confirm(service, shop, paymentId)).state, PaymentState.AUTHORISED);
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable pending': 10_000 });
    const amount = { currencyCode: 'EUR', amountMinor: 4_000n };
    const byCustomer = service.edge.payments.capturePayment({ paymentId, amount }, shop.customer());
    await rejectsWith(byCustomer, 'NOT_FOUND', 'PAYMENT_NOT_FOUND');
    const tooMuch = { currencyCode: 'EUR', amountMinor: 10_001n };
    const more = service.edge.payments.capturePayment({ paymentId, amount: tooMuch }, shop.owner());
    await rejectsWith(more, 'INVALID_ARGUMENT', 'AMOUNT_TOO_LARGE');
    const { payment } = await service.edge.payments.capturePayment({ paymentId, amount }, shop.owner());
    assert.deepEqual([payment?.state, payment?.captured?.amountMinor], [PaymentState.CAPTURED, 4_000n]);
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': 3_900 });
  });

  it('voids an authorisation, and lets it go', async () => {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'tok_success', CaptureMethod.MANUAL);
    await confirm(service, shop, paymentId);
    const { payment } = await service.edge.payments.voidPayment({ paymentId }, shop.customer());
    assert.equal(payment?.state, PaymentState.VOIDED);
    assert.deepEqual(await balances(service, shop.storeId), {});
    assert.equal((await service.sandbox.recordOf(paymentId))?.status, 'voided');
  });

  it('voids what was not confirmed, without the provider, and is not confirmed after that', async () => {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'tok_success');
    const { payment } = await service.edge.payments.voidPayment({ paymentId }, shop.owner());
    assert.equal(payment?.state, PaymentState.VOIDED);
    assert.equal(await service.sandbox.recordOf(paymentId), undefined);
    await rejectsWith(confirm(service, shop, paymentId), 'FAILED_PRECONDITION', 'PAYMENT_STATE_WRONG');
    const again = service.edge.payments.voidPayment({ paymentId }, shop.customer());
    await rejectsWith(again, 'FAILED_PRECONDITION', 'PAYMENT_STATE_WRONG');
  });

  it('voids what waits for a challenge, which nobody passes any more', async () => {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'tok_challenge');
    const { actionUrl } = await confirm(service, shop, paymentId);
    const { payment } = await service.edge.payments.voidPayment({ paymentId }, shop.customer());
    assert.deepEqual([payment?.state, payment?.actionUrl], [PaymentState.VOIDED, '']);
    await assert.rejects(service.sandbox.answerChallenge(actionUrl, 'pass'));
    assert.equal((await service.sandbox.recordOf(paymentId))?.status, 'voided');
    assert.deepEqual(await balances(service, shop.storeId), {});
  });
});
