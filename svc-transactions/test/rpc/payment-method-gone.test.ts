import assert from 'node:assert/strict';
import { PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { buy, openShelf, until } from '../support/purchases.ts';
import { startTestService, type TestService } from '../support/service.ts';

describe('A payment method that is removed between creation and authorisation', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('fails the purchase by its own reason, and the provider is not asked', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_success', 5);
    service.stores.shelves.before('reserveStock', async () => {
      const { paymentMethods } = await service.edge.methods.listPaymentMethods({}, shop.customer());
      for (const { paymentMethodId } of paymentMethods) {
        await service.edge.methods.detachPaymentMethod({ paymentMethodId }, shop.customer());
      }
    });
    const { purchaseId, paymentId } = await buy(service, shop, [{ variantId, quantity: 1 }]);
    const failed = await until(service, shop, purchaseId, ({ state }) => state === PurchaseState.FAILED);
    assert.deepEqual([failed.reason, failed.declineCode], ['PAYMENT_METHOD_GONE', 'payment_method_gone']);
    assert.equal(await service.sandbox.recordOf(paymentId), undefined);
  });
});
