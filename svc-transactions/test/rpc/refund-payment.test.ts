import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Metadata, status } from '@grpc/grpc-js';
import { isServiceError, readStatus } from '@malla/chassis/status';
import { PaymentState, RefundState } from '@malla/proto/malla/transactions/v1/payment';
import { Webhook } from 'standardwebhooks';
import { rejectsWith } from '../support/expect.ts';
import { eventually } from '../support/purchases.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound, balances, confirm, newPayment, openShop, type Shop, settled } from '../support/shop.ts';

const euros = (amountMinor: bigint) => ({ currencyCode: 'EUR', amountMinor });

describe('PaymentsService/RefundPayment', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  afterEach(() => assertSound(service));
  after(() => service.stop());

  it('pays back parts until nothing is left', async () => {
    const { shop, paymentId } = await paid('tok_success');
    const first = await refund(shop, paymentId, 2_500n);
    assert.deepEqual([first?.state, first?.amount?.amountMinor], [RefundState.SUCCEEDED, 2_500n]);
    assert.equal((await refund(shop, paymentId, undefined))?.amount?.amountMinor, 7_500n);
    await rejectsWith(refund(shop, paymentId, 1n), 'FAILED_PRECONDITION', 'REFUND_TOO_LARGE');
    const payment = await settled(service, shop, paymentId);
    assert.deepEqual([payment.state, payment.refunded?.amountMinor], [PaymentState.CAPTURED, 10_000n]);
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': -250 });
    assert.equal((await service.sandbox.recordOf(paymentId))?.refunded, 10_000);
    const { refunds } = await service.edge.payments.listRefunds(
      { paymentId, pageSize: 0, pageToken: '' },
      shop.customer(),
    );
    assert.deepEqual(
      refunds.map(({ amount }) => amount?.amountMinor),
      [7_500n, 2_500n],
    );
  });

  it('lets exactly three of 50 refunds of a third succeed that come at once', async () => {
    const { shop, paymentId } = await paid('tok_success');
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () =>
        refund(shop, paymentId, 3_333n).then(
          () => 'ok',
          (error: unknown) => (isServiceError(error) ? `${status[error.code]} ${readStatus(error).reason}` : error),
        ),
      ),
    );
    const refused = outcomes.filter((outcome) => outcome === 'FAILED_PRECONDITION REFUND_TOO_LARGE');
    assert.deepEqual([outcomes.filter((outcome) => outcome === 'ok').length, refused.length], [3, 47]);
    const payment = await settled(service, shop, paymentId);
    assert.equal(payment.refunded?.amountMinor, 9_999n);
    assert.equal((await service.sandbox.recordOf(paymentId))?.refunded, 9_999);
  });

  it('gives the store back what the provider could not pay back', async () => {
    const { shop, paymentId } = await paid('tok_refund_fails');
    assert.equal((await refund(shop, paymentId, 5_000n))?.state, RefundState.FAILED);
    const payment = await settled(service, shop, paymentId);
    assert.equal(payment.refunded?.amountMinor, 0n);
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': 9_750 });
  });

  it('pays back once when the answer is lost', async () => {
    const { shop, paymentId } = await paid('tok_answer_lost');
    await refund(shop, paymentId, 5_000n);
    const payment = await settled(service, shop, paymentId);
    assert.equal(payment.refunded?.amountMinor, 5_000n);
    assert.equal((await service.sandbox.recordOf(paymentId))?.refunded, 5_000);
  });

  it('leaves alone what an open dispute has set aside, until it is won', async () => {
    const { shop, paymentId } = await paid('tok_success');
    const dispute = await told(paymentId, 'dispute.opened', 6_000);
    const more = await rejectsWith(refund(shop, paymentId, 4_001n), 'FAILED_PRECONDITION', 'REFUND_TOO_LARGE');
    assert.equal(more.metadata?.left_minor, '4000');
    assert.equal((await refund(shop, paymentId, undefined))?.amount?.amountMinor, 4_000n);
    await rejectsWith(refund(shop, paymentId, undefined), 'FAILED_PRECONDITION', 'REFUND_TOO_LARGE');
    await told(paymentId, 'dispute.won', 6_000, dispute);
    assert.equal((await refund(shop, paymentId, undefined))?.amount?.amountMinor, 6_000n);
  });

  it('books what a bank takes although it was paid back, and has nothing left then', async () => {
    const { shop, paymentId } = await paid('tok_success');
    await refund(shop, paymentId, 7_000n);
    const dispute = await told(paymentId, 'dispute.opened', 10_000);
    await told(paymentId, 'dispute.lost', 10_000, dispute);
    for (const amount of [1n, undefined]) {
      const refused = await rejectsWith(refund(shop, paymentId, amount), 'FAILED_PRECONDITION', 'REFUND_TOO_LARGE');
      assert.equal(refused.fields[0]?.description, 'must be at most 0');
    }
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': 9_750 - 17_000 });
  });

  it('refuses another currency, a payment that is not captured, and who is not of the store', async () => {
    const { shop, paymentId } = await paid('tok_success');
    const request = { paymentId, amount: { currencyCode: 'USD', amountMinor: 1n }, reason: '' };
    const dollars = service.edge.payments.refundPayment(request, shop.owner());
    await rejectsWith(dollars, 'INVALID_ARGUMENT', 'CURRENCY_MISMATCH');
    const own = service.edge.payments.refundPayment({ ...request, amount: undefined }, shop.customer());
    await rejectsWith(own, 'NOT_FOUND', 'PAYMENT_NOT_FOUND');
    const created = await newPayment(service, shop, 'tok_success');
    await rejectsWith(refund(shop, created, 1n), 'FAILED_PRECONDITION', 'PAYMENT_STATE_WRONG');
  });

  /** Has the provider tell of a dispute, and waits until that was acted upon. @returns the dispute's id. */
  async function told(paymentId: string, type: string, amount: number, dispute: string = randomUUID()) {
    const id = `evt_${randomUUID()}`;
    const body = JSON.stringify({ id, type, data: { dispute, reference: paymentId, amount } });
    const metadata = new Metadata();
    const [now, webhook] = [new Date(), new Webhook(service.sandbox.webhookSecret)];
    metadata.set('webhook-id', id);
    metadata.set('webhook-timestamp', String(Math.floor(now.getTime() / 1_000)));
    metadata.set('webhook-signature', webhook.sign(id, now, body));
    const content = { contentType: 'application/json', data: Buffer.from(body), extensions: [] };
    await service.edge.providers.receiveProviderWebhook({ provider: 'sandbox', content }, { metadata });
    const waiting = 'SELECT 1 FROM provider_notifications WHERE event_id = ? AND next_try_time IS NOT NULL';
    await eventually(async () => (await service.sql(waiting, [id])).length === 0, type);
    return dispute;
  }

  async function paid(token: string) {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, token);
    await confirm(service, shop, paymentId);
    await settled(service, shop, paymentId);
    return { shop, paymentId };
  }

  async function refund(shop: Shop, paymentId: string, minor: bigint | undefined) {
    const amount = minor === undefined ? undefined : euros(minor);
    return (await service.edge.payments.refundPayment({ paymentId, amount, reason: 'broken' }, shop.owner())).refund;
  }
});
