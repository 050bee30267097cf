import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { rejectsWith } from '../support/expect.ts';
import { assertSound, balances, confirm, newPayment, openShop, type Shop, settled } from '../support/shop.ts';
import { type StripeService, startStripeService } from '../support/stripe/service.ts';
import { newId, nowSeconds } from '../support/stripe/shapes.ts';

describe('The webhook of Stripe', () => {
  let running: StripeService;
  before(async () => {
    running = await startStripeService();
  });
  afterEach(() => assertSound(running.service));
  after(() => running.stop());

  it('refuses what is forged, changed, old or signed for later, and what is too large', async () => {
    const { events } = running.stripe;
    const event = { body: JSON.stringify({ id: newId('evt'), type: 'charge.refunded', data: { object: {} } }) };
    const bad = [
      { body: `${event.body} ` },
      { timestamp: nowSeconds() - 301 },
      ...[310, 3_600, 31_536_000].map((ahead) => ({ timestamp: nowSeconds() + ahead })),
      { body: JSON.stringify({ ...JSON.parse(event.body), type: 'payment_intent.succeeded' }) },
    ];
    for (const signed of bad) {
      await rejectsWith(events.send(event, signed), 'UNAUTHENTICATED', 'SIGNATURE_INVALID');
    }
    for (const timestamp of [nowSeconds() - 290, nowSeconds() + 290]) await events.send(event, { timestamp });
    const large = { body: JSON.stringify({ id: newId('evt'), padding: 'x'.repeat(1_048_576) }) };
    await rejectsWith(events.send(large), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
    assert.equal((await stored(event.body)).length, 1);
  });

  it('takes what is signed and makes no sense, keeps it with the reason, and does not try it again', async () => {
    const { events } = running.stripe;
    const bodies = ['no JSON', '{}', JSON.stringify({ id: newId('evt'), type: 'refund.updated', data: { object: 1 } })];
    for (const body of bodies) {
      await events.send({ body });
      await events.send({ body });
    }
    await running.allActed();
    const sql =
      "SELECT attempts, last_error FROM provider_notifications WHERE body IN (?, ?, ?) ORDER BY last_error LIKE '%JSON' DESC";
    const kept = await running.service.sql<{ attempts: number; last_error: string }>(sql, bodies);
    assert.deepEqual(
      kept.map(({ attempts }) => attempts),
      [0, 0, 0],
    );
    assert.equal(kept[0]?.last_error, 'Error: the body is not JSON');
    assert.ok(kept.slice(1).every(({ last_error }) => last_error.startsWith('Error: another form: ')));
  });

  it('keeps every byte of the largest event that it takes', async () => {
    const { events } = running.stripe;
    const about = { id: newId('evt'), type: 'other.event', data: { object: {} } };
    const room = 65_536 - JSON.stringify({ ...about, padding: '' }).length;
    const body = JSON.stringify({ ...about, padding: 'x'.repeat(room) });
    await events.send({ body });
    const [row] = await stored(body);
    assert.equal(row?.size, 65_536);
  });

  it('acts once upon what comes many times, in any order', async () => {
    const { service, stripe } = running;
    stripe.events.hold();
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'pm_card_createDispute');
    await confirm(service, shop, paymentId);
    const request = { paymentId, amount: { currencyCode: 'EUR', amountMinor: 1_000n }, reason: '' };
    await service.edge.payments.refundPayment(request, shop.owner());
    const [dispute] = stripe.account.disputes.filter(({ payment_intent }) => payment_intent === intent(paymentId).id);
    assert.ok(dispute);
    Object.assign(dispute, { amount: 9_000 });
    stripe.account.closeDispute(dispute, 'won');
    await stripe.events.release((told) => [...told, ...told].reverse());
    await running.allActed();
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': 8_750 });
    assert.equal((await settled(service, shop, paymentId)).state, PaymentState.CAPTURED);
  });

  for (const [status, expected] of [
    ['opened', { 'store-payable': -250, disputes: 10_000 }],
    ['won', { 'store-payable': 9_750 }],
    ['lost', { 'store-payable': -250 }],
  ] as const) {
    it(`moves what is disputed: ${status}`, async () => {
      const { service, stripe } = running;
      const { shop, paymentId } = await paid('pm_card_createDispute');
      const [dispute] = stripe.account.disputes.filter(({ payment_intent }) => payment_intent === intent(paymentId).id);
      assert.ok(dispute);
      while ((await balances(service, shop.storeId)).disputes !== 10_000) await sleep(20);
      // What was set aside counts, not what the end says.
      Object.assign(dispute, { amount: 9_999 });
      if (status !== 'opened') stripe.account.closeDispute(dispute, status);
      while (!isDeepStrictEqual(await balances(service, shop.storeId), expected)) await sleep(20);
      await running.allActed();
      assert.deepEqual(await balances(service, shop.storeId), expected);
    });
  }

  it('moves nothing for an inquiry, and what is disputed when it becomes more than that', async () => {
    const { service, stripe } = running;
    const { shop, paymentId } = await paid('pm_card_visa');
    const inquiry = stripe.account.dispute(intent(paymentId), 10_000, 'warning_needs_response');
    await running.allActed();
    stripe.account.closeDispute(inquiry, 'warning_closed');
    await running.allActed();
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': 9_750 });
    stripe.account.dispute(intent(paymentId), 4_000);
    while ((await balances(service, shop.storeId)).disputes !== 4_000) await sleep(20);
  });

  it('leaves alone what others do in the same account, and keeps for people what was moved past us', async () => {
    const { service, stripe } = running;
    const { shop, paymentId } = await paid('pm_card_visa');
    const foreign = { ...intent(paymentId), id: newId('pi'), metadata: {} };
    stripe.account.refund(foreign, 100, {});
    stripe.account.cancel(foreign, 'duplicate');
    await running.allActed();
    const ours = stripe.account.refund(intent(paymentId), 1_000, {});
    const kept = `SELECT attempts FROM provider_notifications WHERE next_try_time IS NOT NULL AND body LIKE '%${ours.id}%'`;
    while (((await service.sql<{ attempts: number }>(kept))[0]?.attempts ?? 0) < 2) await sleep(20);
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': 9_750 });
    await service.sql('UPDATE provider_notifications SET next_try_time = NULL WHERE body LIKE ?', [`%${ours.id}%`]);
  });

  async function paid(token: string): Promise<{ shop: Shop; paymentId: string }> {
    const { service } = running;
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, token);
    await confirm(service, shop, paymentId);
    await settled(service, shop, paymentId);
    return { shop, paymentId };
  }

  function intent(paymentId: string) {
    return running.intentOf(paymentId);
  }

  function stored(body: string) {
    const { id } = JSON.parse(body) as { id: string };
    const sql = 'SELECT LENGTH(body) AS size FROM provider_notifications WHERE provider = ? AND event_id = ?';
    return running.service.sql<{ size: number }>(sql, ['stripe', id]);
  }
});
