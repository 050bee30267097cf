import assert from 'node:assert/strict';
import { StaffRole } from '@malla/proto/malla/stores/v1/store';
import { PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { as } from '../support/clients.ts';
import { openShelf, until } from '../support/purchases.ts';
import { startTestService, type TestService } from '../support/service.ts';
import type { Shop } from '../support/shop.ts';
import { newUserId } from '../support/users.ts';
import { type Seen, watch, watchAll } from '../support/watch.ts';

const { RESERVED, CAPTURED, FAILED } = PurchaseState;

describe('A purchase whose payment waits for its user', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('says so with the page to open, to who buys, and in its stream', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_challenge', 5);
    const { purchaseId, paymentId, requiresAction } = await buyOne(shop, variantId);
    const { payment } = await service.edge.payments.getPayment({ paymentId }, shop.customer());
    assert.ok(payment?.actionUrl);
    assert.deepEqual(requiresAction, { actionUrl: payment.actionUrl });
    const seen: Seen[] = [];
    for await (const change of watch(service.edge, { purchaseId }, shop.customer())) {
      seen.push(change);
      if (change.requiresAction) await service.sandbox.answerChallenge(change.requiresAction.actionUrl, 'pass');
    }
    const asked = seen.filter((change) => change.requiresAction);
    assert.deepEqual(
      asked.map(({ state, requiresAction: action }) => [state, action]),
      [[RESERVED, requiresAction]],
    );
    const bought = await until(service, shop, purchaseId, ({ state }) => state === CAPTURED);
    assert.deepEqual([bought.requiresAction, bought.declineCode], [undefined, '']);
    // Whoever reads it later is sent nowhere.
    const again = await watchAll(service.edge, { purchaseId }, shop.customer());
    assert.ok(again.every((change) => change.requiresAction === undefined));
  });

  it('shows its page to no staff', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_challenge', 5);
    const { purchaseId, paymentId } = await buyOne(shop, variantId);
    const clerkId = newUserId();
    service.stores.employ(shop.storeId, clerkId, StaffRole.CLERK);
    const clerk = as(await service.users.token(clerkId));
    const { storeId } = shop;
    const list = { storeId, pageSize: 10, pageToken: '' };
    const { purchase } = await service.edge.purchases.getPurchase({ purchaseId }, clerk);
    const { purchases } = await service.edge.purchases.listStorePurchases(list, clerk);
    const { payment } = await service.edge.payments.getPayment({ paymentId }, clerk);
    const { payments } = await service.edge.payments.listStorePayments(list, clerk);
    let streamed: Seen | undefined;
    for await (const change of watch(service.edge, { purchaseId }, clerk)) {
      streamed = change;
      if (change.requiresAction) break;
    }
    const actions = [purchase?.requiresAction, purchases[0]?.requiresAction, streamed?.requiresAction];
    assert.deepEqual(actions, [{ actionUrl: '' }, { actionUrl: '' }, { actionUrl: '' }]);
    assert.deepEqual([payment?.actionUrl, payments[0]?.actionUrl], ['', '']);
    const own = await service.edge.purchases.listPurchases({ pageSize: 10, pageToken: '' }, shop.customer());
    assert.ok(own.purchases[0]?.requiresAction?.actionUrl);
  });

  it('says why the provider declined it, and in its stream', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_card_declined', 5);
    const { purchaseId } = await buyOne(shop, variantId);
    const failed = await until(service, shop, purchaseId, ({ state }) => state === FAILED);
    assert.deepEqual([failed.reason, failed.declineCode], ['PAYMENT_FAILED', 'card_declined']);
    const seen = await watchAll(service.edge, { purchaseId }, shop.customer());
    assert.equal(seen.at(-1)?.declineCode, 'card_declined');
    assert.ok(seen.every(({ reason, declineCode }) => (reason === '') === (declineCode === '')));
  });

  async function buyOne(shop: Shop, variantId: string) {
    const lines = [{ variantId, quantity: 1 }];
    const request = { lines, currencyCode: '', paymentMethodId: '', expectedTotal: undefined };
    const { purchase } = await service.edge.purchases.createPurchase(request, shop.customer());
    assert.ok(purchase);
    return purchase;
  }
});
