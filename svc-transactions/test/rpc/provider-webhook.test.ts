import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Metadata } from '@grpc/grpc-js';
import { CaptureMethod, PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { Webhook } from 'standardwebhooks';
import { rejectsWith } from '../support/expect.ts';
import { eventually } from '../support/purchases.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound, balances, confirm, newPayment, openShop, settled } from '../support/shop.ts';

const HOUR_MS = 3_600_000;

describe('ProvidersService/ReceiveProviderWebhook', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  afterEach(() => assertSound(service));
  after(() => service.stop());

  it('answers UNAUTHENTICATED for what is forged, changed or old, and NOT_FOUND for another provider', async () => {
    const signed = notification({ id: 'evt_1' });
    const forged = {
      ...signed,
      metadata: headers(new Webhook(Buffer.alloc(32).toString('base64')), 'evt_1', signed.body),
    };
    const changed = { ...signed, body: `${signed.body} ` };
    const old = notification({ id: 'evt_1', ageMs: 301_000 });
    for (const bad of [forged, changed, old]) await rejectsWith(send(bad), 'UNAUTHENTICATED', 'SIGNATURE_INVALID');
    await rejectsWith(send(signed, 'other'), 'NOT_FOUND', 'PROVIDER_NOT_FOUND');
  });

  it('lets clocks differ by 300 seconds, to either side', async () => {
    for (const ageMs of [310_000, -310_000]) {
      await rejectsWith(send(notification({ id: 'evt_1', ageMs })), 'UNAUTHENTICATED', 'SIGNATURE_INVALID');
    }
    for (const ageMs of [280_000, -280_000]) {
      const id = `evt_${randomUUID()}`;
      await send(notification({ id, ageMs }));
      await service.sql('DELETE FROM provider_notifications WHERE event_id = ?', [id]);
    }
  });

  it('refuses what is empty, unsigned or too large, and keeps nothing of it', async () => {
    const nothing = { ...notification({ id: 'evt_2' }), body: '' };
    const unsigned = { body: '{}', metadata: new Metadata() };
    for (const bad of [nothing, unsigned]) await rejectsWith(send(bad), 'UNAUTHENTICATED', 'SIGNATURE_INVALID');
    const body = 'x'.repeat(65_537);
    const metadata = headers(new Webhook(service.sandbox.webhookSecret), 'evt_2', body);
    await rejectsWith(send({ body, metadata }), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
    const without = { provider: 'sandbox', content: undefined };
    await rejectsWith(
      service.edge.providers.receiveProviderWebhook(without, { metadata }),
      'INVALID_ARGUMENT',
      'MESSAGE_INVALID',
    );
    assert.deepEqual(await service.sql("SELECT 1 FROM provider_notifications WHERE event_id = 'evt_2'"), []);
  });

  it('takes what is signed and makes no sense, keeps it with the reason, and does not try it again', async () => {
    const webhook = new Webhook(service.sandbox.webhookSecret);
    const [broken, unknown] = [`evt_${randomUUID()}`, `evt_${randomUUID()}`];
    await send({ body: 'no JSON', metadata: headers(webhook, broken, 'no JSON') });
    await send(notification({ id: unknown, type: 'moon.landed' }));
    const sql = 'SELECT attempts, last_error FROM provider_notifications WHERE event_id = ?';
    for (const [id, reason] of [
      [broken, /^Error: the body is not JSON$/],
      [unknown, /^Error: another form: /],
    ] as const) {
      await acted(id);
      const [kept] = await service.sql<{ attempts: number; last_error: string }>(sql, [id]);
      assert.equal(kept?.attempts, 0);
      assert.match(kept?.last_error ?? '', reason);
    }
  });

  it('takes an event that comes again, and acts upon it once', async () => {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'tok_success');
    await confirm(service, shop, paymentId);
    const id = `evt_${randomUUID()}`;
    const data = { dispute: randomUUID(), reference: paymentId, amount: 1_000 };
    const event = notification({ id, type: 'dispute.opened', data });
    await Promise.all(Array.from({ length: 10 }, () => send(event)));
    await acted(id);
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': 8_750, disputes: 1_000 });
  });

  it('keeps for people what is told of a dispute that is of another payment', async () => {
    const [shop, other] = [await openShop(service), await openShop(service)];
    const paymentIds = [
      await newPayment(service, shop, 'tok_success'),
      await newPayment(service, other, 'tok_success'),
    ];
    await confirm(service, shop, paymentIds[0] ?? '');
    await confirm(service, other, paymentIds[1] ?? '');
    const dispute = randomUUID();
    const told = (reference: string | undefined, type: string) => {
      const id = `evt_${randomUUID()}`;
      return { id, ...notification({ id, type, data: { dispute, reference, amount: 1_000 } }) };
    };
    const opened = told(paymentIds[0], 'dispute.opened');
    await send(opened);
    await acted(opened.id);
    for (const type of ['dispute.opened', 'dispute.lost']) {
      const stray = told(paymentIds[1], type);
      await send(stray);
      assert.match(await lastError(stray.id), /another payment/);
      await service.sql('UPDATE provider_notifications SET next_try_time = NULL WHERE event_id = ?', [stray.id]);
    }
    assert.deepEqual(await balances(service, other.storeId), { 'store-payable': 9_750 });
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': 8_750, disputes: 1_000 });
  });

  for (const [token, expected] of [
    ['tok_dispute_opened', { 'store-payable': -250, disputes: 10_000 }],
    ['tok_dispute_won', { 'store-payable': 9_750 }],
    ['tok_dispute_lost', { 'store-payable': -250 }],
  ] as const) {
    it(`moves what is disputed by ${token}, in whatever order it is told`, async () => {
      const shop = await openShop(service);
      const paymentId = await newPayment(service, shop, token);
      await confirm(service, shop, paymentId);
      while (!isDeepStrictEqual(await balances(service, shop.storeId), expected)) await sleep(20);
      await allActed();
      assert.deepEqual(await balances(service, shop.storeId), expected);
    });
  }

  it('keeps an event that comes too early until it makes sense', async () => {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'tok_success');
    const id = `evt_${randomUUID()}`;
    const data = { dispute: randomUUID(), reference: paymentId, amount: 10_000 };
    await send(notification({ id, type: 'dispute.lost', data }));
    await confirm(service, shop, paymentId);
    await settled(service, shop, paymentId);
    await acted(id);
    assert.deepEqual(await balances(service, shop.storeId), { 'store-payable': -250 });
  });

  it('gives up an authorisation whose time is over, and has the provider told', async () => {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'tok_success', CaptureMethod.MANUAL);
    await confirm(service, shop, paymentId);
    service.clock.advance(8 * 24 * HOUR_MS);
    let { state } = await settled(service, shop, paymentId);
    while (state === PaymentState.AUTHORISED) ({ state } = await settled(service, shop, paymentId));
    assert.equal(state, PaymentState.EXPIRED);
    assert.equal((await service.sandbox.recordOf(paymentId))?.status, 'voided');
    assert.deepEqual(await balances(service, shop.storeId), {});
  });

  interface Told {
    readonly id: string;
    readonly type?: string;
    readonly data?: object;
    readonly ageMs?: number;
  }

  function notification({ id, type = 'operation.finished', data = {}, ageMs = 0 }: Told) {
    const body = JSON.stringify({ id, type, data });
    return { body, metadata: headers(new Webhook(service.sandbox.webhookSecret), id, body, ageMs) };
  }

  function headers(webhook: Webhook, id: string, body: string, ageMs = 0): Metadata {
    const time = new Date(Date.now() - ageMs);
    const metadata = new Metadata();
    metadata.set('webhook-id', id);
    metadata.set('webhook-timestamp', String(Math.floor(time.getTime() / 1000)));
    metadata.set('webhook-signature', webhook.sign(id, time, body));
    return metadata;
  }

  function send({ body, metadata }: { body: string; metadata: Metadata }, provider = 'sandbox') {
    const content = { contentType: 'application/json', data: Buffer.from(body), extensions: [] };
    return service.edge.providers.receiveProviderWebhook({ provider, content }, { metadata });
  }

  async function acted(eventId: string): Promise<void> {
    const waiting = 'SELECT 1 FROM provider_notifications WHERE event_id = ? AND next_try_time IS NOT NULL';
    while ((await service.sql(waiting, [eventId])).length > 0) await sleep(20);
  }

  /** Waits until an event was not acted upon. @returns why. */
  async function lastError(eventId: string): Promise<string> {
    const sql = 'SELECT last_error FROM provider_notifications WHERE event_id = ? AND attempts > 0';
    const failed = async () => (await service.sql<{ last_error: string }>(sql, [eventId]))[0]?.last_error;
    await eventually(async () => (await failed()) !== undefined, 'a failure');
    return (await failed()) ?? '';
  }

  async function allActed(): Promise<void> {
    const waiting =
      "SELECT 1 FROM provider_notifications WHERE next_try_time IS NOT NULL AND body NOT LIKE '%evt_1\"%'";
    while ((await service.sql(waiting)).length > 0) await sleep(20);
  }
});
