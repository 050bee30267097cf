import assert from 'node:assert/strict';
import { CaptureMethod, PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { TypeID } from 'typeid-js';
import { eventually } from '../support/purchases.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound, balances, confirm, newPayment, openShop, type Shop } from '../support/shop.ts';

const HOUR_MS = 3_600_000;
const AUTHORISATION_MS = 7 * 24 * HOUR_MS;
const CHALLENGE_MS = 900_000;
const CLOSED = "SELECT 1 FROM provider_operations WHERE kind = 'expire' AND payment_id = ? AND next_try_time IS NULL";

describe('The worker that ends authorisations', () => {
  let service: TestService;
  beforeEach(async () => {
    service = await startTestService({ PROVIDER_TIMEOUT_MS: 8_000 });
  });
  afterEach(() => service.stop());

  it('asks a provider that refuses ever more seldom, and no more a day after the end', async () => {
    const shop = await openShop(service);
    const paymentId = await authorised(shop, 'tok_void_declined');
    service.clock.advance(AUTHORISATION_MS + HOUR_MS);
    await eventually(async () => (await refusals(paymentId)) === 1, 'a refusal');
    // Each look goes through all that are due, and the refused one would come first.
    const other = await authorised(shop, 'tok_success');
    await eventually(async () => (await read(shop, other)).state === PaymentState.EXPIRED, 'the end of the other one');
    assert.equal(await refusals(paymentId), 1);
    const refused = await read(shop, paymentId);
    assert.deepEqual([refused.state, refused.declineCode], [PaymentState.AUTHORISED, 'void_declined']);

    service.clock.advance(2 * HOUR_MS);
    await eventually(async () => (await refusals(paymentId)) === 2, 'a second refusal');
    service.clock.advance(24 * HOUR_MS);
    await eventually(async () => (await read(shop, paymentId)).state === PaymentState.EXPIRED, 'the end');
    assert.equal((await read(shop, paymentId)).declineCode, 'void_declined');
    assert.equal(await refusals(paymentId), 3);
    assert.deepEqual(await balances(service, shop.storeId), {});
    await assertSound(service);
  });

  it('asks a provider ever more seldom that waits for a challenge for too long, and lets go of it after a day', async () => {
    const shop = await openShop(service);
    const paymentId = await newPayment(service, shop, 'tok_challenge');
    assert.equal((await confirm(service, shop, paymentId)).state, PaymentState.REQUIRES_ACTION);
    // The provider's clock is behind.
    service.clock.advance(CHALLENGE_MS + HOUR_MS);
    const soon = service.clock.now().getTime() + HOUR_MS / 2;
    await eventually(async () => (await nextTryMs()) > soon, 'a try that is put off for as long again');
    service.clock.advance(24 * HOUR_MS);
    await eventually(async () => (await read(shop, paymentId)).state === PaymentState.EXPIRED, 'the end');
    assert.equal((await read(shop, paymentId)).actionUrl, '');
    assert.equal((await service.sandbox.recordOf(paymentId))?.status, 'voided');
    await assertSound(service);
  });

  async function nextTryMs(): Promise<number> {
    const sql = 'SELECT CAST(UNIX_TIMESTAMP(next_try_time) * 1000 AS DOUBLE) AS ms FROM provider_operations';
    return (await service.sql<{ ms: number }>(sql))[0]?.ms ?? 0;
  }

  async function authorised(shop: Shop, token: string): Promise<string> {
    const paymentId = await newPayment(service, shop, token, CaptureMethod.MANUAL);
    await confirm(service, shop, paymentId);
    return paymentId;
  }

  async function read(shop: Shop, paymentId: string) {
    const { payment } = await service.edge.payments.getPayment({ paymentId }, shop.customer());
    assert.ok(payment);
    return payment;
  }

  async function refusals(paymentId: string): Promise<number> {
    return (await service.sql(CLOSED, [Buffer.from(TypeID.fromString(paymentId).toUUIDBytes())])).length;
  }
});
