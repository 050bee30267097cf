import assert from 'node:assert/strict';
import { PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { TypeID } from 'typeid-js';
import { as } from '../support/clients.ts';
import { buy, eventually, openShelf, until } from '../support/purchases.ts';
import { startReplica } from '../support/replica.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound } from '../support/shop.ts';
import { newUserId } from '../support/users.ts';
import { watchAll } from '../support/watch.ts';

const { CREATED, RESERVED, AUTHORISED, CONFIRMED, RETURNING, FAILED, CAPTURED } = PurchaseState;
const HOUR_MS = 3_600_000;
const SOLD = { onHand: 3, reserved: 0, sold: 2 };
const BACK = { onHand: 5, reserved: 0, sold: 0 };

describe('A purchase whose capture the provider declines', () => {
  let service: TestService;
  beforeEach(async () => {
    service = await startTestService({ PROVIDER_TIMEOUT_MS: 700 });
  });
  afterEach(async () => {
    await assertSound(service);
    await service.stop();
  });

  it('is tried again, and bought when the provider changes its mind', async () => {
    const { shop, purchase, stock } = await buyBy('tok_capture_declined_once');
    assert.equal(purchase.state, CONFIRMED);
    await until(service, shop, purchase.purchaseId, ({ state }) => state === CAPTURED);
    assert.deepEqual(stock(), SOLD);
    assert.equal((await service.sandbox.recordOf(purchase.paymentId))?.captured, 2_380);
  });

  it('is given up after six hours: the money is let go, the stock is back, once, whichever replica does it', async () => {
    const other = await startReplica(service);
    const { shop, purchase, stock } = await buyBy('tok_capture_declined');
    const { purchaseId, paymentId } = purchase;
    assert.deepEqual([purchase.state, stock()], [CONFIRMED, SOLD]);
    for (let hours = 0; hours < 5; hours += 1) {
      const before = await attempts(purchaseId);
      service.clock.advance(HOUR_MS);
      await eventually(async () => (await attempts(purchaseId)) > before, 'another try');
    }
    const stuck = await listStuck();
    assert.deepEqual(
      stuck.map((one) => [one.purchaseId, one.state, one.lastError]),
      [[purchaseId, CONFIRMED, 'the provider declined: capture_declined']],
    );
    assert.deepEqual(stock(), SOLD);
    service.clock.advance(HOUR_MS);
    const failed = await until(service, shop, purchaseId, ({ state }) => state === FAILED);
    assert.equal(failed.reason, 'CAPTURE_DECLINED');
    assert.deepEqual(stock(), BACK);
    const { payment } = await service.edge.payments.getPayment({ paymentId }, shop.customer());
    assert.equal(payment?.state, PaymentState.VOIDED);
    const record = await service.sandbox.recordOf(paymentId);
    assert.deepEqual([record?.status, record?.captured], ['voided', 0]);
    assert.deepEqual(await listStuck(), []);
    const seen = await watchAll(other.edge, { purchaseId }, shop.customer());
    assert.deepEqual(
      seen.map(({ state }) => state),
      [CREATED, RESERVED, AUTHORISED, CONFIRMED, RETURNING, FAILED],
    );
    await other.stop();
  });

  it('is bought all the same when the last capture was on its way as it was given up', async () => {
    const { shop, purchase, stock } = await buyBy('tok_answer_lost');
    const { purchaseId, paymentId } = purchase;
    await until(service, shop, purchaseId, ({ state }) => state === CONFIRMED);
    // What a replica writes that gives up, while another asks and does not hear.
    const giveUp = "UPDATE purchases SET state = 'returning', reason = 'CAPTURE_DECLINED' WHERE state = 'confirmed'";
    await service.sql(giveUp);
    const bought = await until(service, shop, purchaseId, ({ state }) => state === CAPTURED);
    assert.deepEqual([bought.reason, stock()], ['', SOLD]);
    assert.equal((await service.sandbox.recordOf(paymentId))?.captured, 2_380);
  });

  async function buyBy(token: string) {
    const { shop, variantId } = await openShelf(service, token, 5);
    const purchase = await buy(service, shop, [{ variantId, quantity: 2 }]);
    const stock = () => {
      const { onHand, reserved, sold } = service.stores.shelves.variant(variantId);
      return { onHand, reserved, sold };
    };
    return { shop, purchase, stock };
  }

  async function attempts(purchaseId: string): Promise<number> {
    const id = Buffer.from(TypeID.fromString(purchaseId).toUUIDBytes());
    const [row] = await service.sql<{ attempts: number }>('SELECT attempts FROM purchases WHERE purchase_id = ?', [id]);
    return row?.attempts ?? 0;
  }

  async function listStuck() {
    const operator = as(await service.users.token(newUserId(), 'purchases:read'));
    const request = { minAge: undefined, pageSize: 0, pageToken: '' };
    return (await service.edge.purchases.listStuckPurchases(request, operator)).purchases;
  }
});
