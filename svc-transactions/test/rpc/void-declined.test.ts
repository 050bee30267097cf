import assert from 'node:assert/strict';
import { PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { as } from '../support/clients.ts';
import { buy, eventually, openShelf, until } from '../support/purchases.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound, balances, type Shop } from '../support/shop.ts';
import { newUserId } from '../support/users.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BACK = { onHand: 5, reserved: 0, sold: 0 };

describe('A purchase whose money the provider would not let go of', () => {
  let service: TestService;
  beforeEach(async () => {
    service = await startTestService({ PROVIDER_TIMEOUT_MS: 8_000 });
  });
  afterEach(async () => {
    await assertSound(service);
    await service.stop();
  });

  it('ends after six hours when its stock was sold; the payment ends with its authorisation', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_void_declined', 5);
    const { purchaseId, paymentId } = await buy(service, shop, [{ variantId, quantity: 2 }]);
    await until(service, shop, purchaseId, ({ state }) => state === PurchaseState.CONFIRMED);
    service.clock.advance(6 * HOUR_MS);
    await until(service, shop, purchaseId, (purchase) => purchase.state === PurchaseState.RETURNING);
    await eventually(async () => (await lastError(purchaseId)) === 'the provider declined: void_declined', 'why');
    assert.equal(service.stores.shelves.variant(variantId).sold, 2);
    service.clock.advance(6 * HOUR_MS);
    const failed = await until(service, shop, purchaseId, (purchase) => purchase.state === PurchaseState.FAILED);
    assert.equal(failed.reason, 'CAPTURE_DECLINED');
    assert.partialDeepStrictEqual(service.stores.shelves.variant(variantId), BACK);
    assert.equal(await paymentState(shop, paymentId), PaymentState.AUTHORISED);
    service.clock.advance(9 * DAY_MS);
    await eventually(async () => (await paymentState(shop, paymentId)) === PaymentState.EXPIRED, 'its end');
    assert.deepEqual(await balances(service, shop.storeId), {});
  });

  it('ends after six hours when it was cancelled', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_void_declined', 5);
    service.stores.shelves.before('commitReservation', () => Promise.reject(new Error('svc-stores is away')));
    const { purchaseId, paymentId, state } = await buy(service, shop, [{ variantId, quantity: 2 }]);
    assert.equal(state, PurchaseState.AUTHORISED);
    const { purchase } = await service.edge.purchases.cancelPurchase({ purchaseId }, shop.customer());
    assert.equal(purchase?.state, PurchaseState.CANCELLING);
    assert.partialDeepStrictEqual(service.stores.shelves.variant(variantId), BACK);
    service.clock.advance(6 * HOUR_MS);
    const ended = await until(service, shop, purchaseId, (one) => one.state === PurchaseState.CANCELLED);
    assert.equal(ended.reason, 'CANCELLED_BY_USER');
    assert.equal(await paymentState(shop, paymentId), PaymentState.AUTHORISED);
    assert.equal((await service.sandbox.recordOf(paymentId))?.captured, 0);
  });

  async function paymentState(shop: Shop, paymentId: string): Promise<PaymentState | undefined> {
    return (await service.edge.payments.getPayment({ paymentId }, shop.customer())).payment?.state;
  }

  async function lastError(purchaseId: string): Promise<string | undefined> {
    const operator = as(await service.users.token(newUserId(), 'purchases:read'));
    const request = { minAge: undefined, pageSize: 0, pageToken: '' };
    const { purchases } = await service.edge.purchases.listStuckPurchases(request, operator);
    return purchases.find((purchase) => purchase.purchaseId === purchaseId)?.lastError;
  }
});
