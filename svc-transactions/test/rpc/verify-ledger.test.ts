import assert from 'node:assert/strict';
import { CaptureMethod, PaymentState, RefundState } from '@malla/proto/malla/transactions/v1/payment';
import { PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { type Gate, startGate } from '../support/gate.ts';
import { buy, eventually, openShelf, until } from '../support/purchases.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound, balances, confirm, newPayment, openShop, type Shop, settled } from '../support/shop.ts';

const euros = (amountMinor: bigint) => ({ currencyCode: 'EUR', amountMinor });
const WEEK_MS = 7 * 24 * 3_600_000;

describe('LedgerService/VerifyLedger, of payments', () => {
  let service: TestService;
  let gate: Gate;
  /** Payments of which the provider does not answer. */
  const unanswered = new Set<string>();
  before(async () => {
    gate = await startGate();
    service = await startTestService({ SANDBOX_URL: gate.url });
    gate.connect(service.sandbox.url);
    gate.holdUp(({ reference }) => unanswered.has(reference));
  });
  afterEach(() => assertSound(service));
  after(async () => {
    while (gate.held > 0) gate.releaseOne();
    await service.stop();
    gate.stop();
  });

  it('finds nothing wrong with what is authorised, captured in part or in full, let go, failed or waited for', async () => {
    const shop = await openShop(service);
    const [held, part, full, asked] = [
      await authorised(shop),
      await authorised(shop),
      await authorised(shop),
      await authorised(shop),
    ];
    await assertSound(service);
    await capture(shop, part, 6_000n);
    await capture(shop, full, undefined);
    await service.edge.payments.voidPayment({ paymentId: await authorised(shop) }, shop.customer());
    await confirm(service, shop, await newPayment(service, shop, 'tok_card_declined'));
    await confirm(service, shop, await newPayment(service, shop, 'tok_challenge'));
    await newPayment(service, shop, 'tok_success');
    unanswered.add(asked);
    assert.equal((await capture(shop, asked, undefined))?.state, PaymentState.PENDING);
    assert.deepEqual(await balances(service, shop.storeId), {
      'store-payable': 15_600,
      'store-payable pending': 20_000,
    });
    await assertSound(service);
    unanswered.delete(asked);
    while (gate.held > 0) gate.releaseOne();
    await settled(service, shop, asked);
    service.clock.advance(WEEK_MS + 1_000);
    const isExpired = async () => (await settled(service, shop, held)).state === PaymentState.EXPIRED;
    await eventually(isExpired, 'the end of the authorisation');
    assert.equal((await balances(service, shop.storeId))['store-payable pending'], undefined);
  });

  it('finds nothing wrong with refunds that are on their way, paid and failed', async () => {
    const shop = await openShop(service);
    const [paid, fails, waits] = [await captured(shop), await captured(shop, 'tok_refund_fails'), await captured(shop)];
    assert.equal((await refund(shop, paid, 2_500n))?.state, RefundState.SUCCEEDED);
    assert.equal((await refund(shop, fails, 1_000n))?.state, RefundState.FAILED);
    unanswered.add(waits);
    assert.equal((await refund(shop, waits, 4_000n))?.state, RefundState.PENDING);
    assert.equal((await balances(service, shop.storeId)).refunds, 4_000);
    await assertSound(service);
    unanswered.delete(waits);
    while (gate.held > 0) gate.releaseOne();
    await settled(service, shop, waits);
  });

  it('finds nothing wrong with disputes that are open, won and lost', async () => {
    const shop = await openShop(service);
    for (const token of ['tok_dispute_opened', 'tok_dispute_won', 'tok_dispute_lost']) await captured(shop, token);
    const states = async () => {
      const sql = 'SELECT d.state FROM disputes d JOIN payments USING (payment_id) ORDER BY d.state';
      return (await service.sql<{ state: string }>(sql)).map(({ state }) => state);
    };
    await eventually(async () => `${await states()}` === 'lost,opened,won', 'the ends of the disputes');
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': 9_250, disputes: 10_000 });
  });

  it('finds nothing wrong with purchases, also of what costs nothing', async () => {
    for (const [token, priceMinor] of [
      ['tok_success', 1_000n],
      ['tok_success', 0n],
      ['tok_card_declined', 1_000n],
    ] as const) {
      const { shop, variantId } = await openShelf(service, token, 5, priceMinor);
      const { purchaseId } = await buy(service, shop, [{ variantId, quantity: 1 }]);
      // A worker that heard of the authorisation first may be the one that captures.
      const end = token === 'tok_success' ? PurchaseState.CAPTURED : PurchaseState.FAILED;
      await until(service, shop, purchaseId, ({ state }) => state === end);
    }
  });

  async function authorised(shop: Shop): Promise<string> {
    const paymentId = await newPayment(service, shop, 'tok_success', CaptureMethod.MANUAL);
    assert.equal((await confirm(service, shop, paymentId)).state, PaymentState.AUTHORISED);
    return paymentId;
  }

  async function captured(shop: Shop, token = 'tok_success'): Promise<string> {
    const paymentId = await newPayment(service, shop, token);
    assert.equal((await confirm(service, shop, paymentId)).state, PaymentState.CAPTURED);
    return paymentId;
  }

  async function capture(shop: Shop, paymentId: string, amountMinor: bigint | undefined) {
    const amount = amountMinor === undefined ? undefined : euros(amountMinor);
    return (await service.edge.payments.capturePayment({ paymentId, amount }, shop.owner())).payment;
  }

  async function refund(shop: Shop, paymentId: string, amountMinor: bigint) {
    const request = { paymentId, amount: euros(amountMinor), reason: '' };
    return (await service.edge.payments.refundPayment(request, shop.owner())).refund;
  }
});
