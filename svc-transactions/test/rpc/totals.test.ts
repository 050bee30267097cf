import assert from 'node:assert/strict';
import { PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { rejectsWith } from '../support/expect.ts';
import { buy, openShelf, until } from '../support/purchases.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound, openShop } from '../support/shop.ts';

const LARGEST = 999_999_999_999n;

describe('What a purchase costs', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  afterEach(() => assertSound(service));
  after(() => service.stop());

  it('may be nothing: that needs no way to pay, and the provider is asked for nothing', async () => {
    const shop = await openShop(service);
    const variantId = service.stores.shelves.put(shop.storeId, 3, 0n);
    const { purchaseId, paymentId, state } = await buy(service, shop, [{ variantId, quantity: 2 }]);
    assert.equal(state, PurchaseState.CAPTURED);
    const { payment } = await service.edge.payments.getPayment({ paymentId }, shop.customer());
    assert.deepEqual([payment?.state, payment?.captured?.amountMinor], [PaymentState.CAPTURED, 0n]);
    assert.equal(await service.sandbox.recordOf(paymentId), undefined);
    assert.deepEqual(stockOf(variantId), { onHand: 1, sold: 2 });
    const request = { purchaseId, lines: [], amount: undefined, reason: '', restock: false };
    const refund = service.edge.purchases.refundPurchase(request, shop.owner());
    await rejectsWith(refund, 'FAILED_PRECONDITION', 'NOTHING_TO_REFUND');
  });

  it('may be nothing, and is given up when the stock is lost', async () => {
    const shop = await openShop(service);
    const variantId = service.stores.shelves.put(shop.storeId, 3, 0n);
    service.stores.shelves.before('commitReservation', async () => service.stores.shelves.expireAll());
    const { purchaseId, paymentId } = await buy(service, shop, [{ variantId, quantity: 2 }]);
    const failed = await until(service, shop, purchaseId, ({ state }) => state === PurchaseState.FAILED);
    assert.equal(failed.reason, 'STOCK_LOST');
    const { payment } = await service.edge.payments.getPayment({ paymentId }, shop.customer());
    assert.equal(payment?.state, PaymentState.VOIDED);
  });

  it('may be as much as a payment may be, with taxes, and no more', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_success', 10_000, LARGEST);
    const lines = [{ variantId, quantity: 1 }];
    await refusesTotal(service.edge.purchases.quotePurchase({ lines, currencyCode: '' }, shop.customer()));
    await refusesTotal(buy(service, shop, lines));
    const most = service.stores.shelves.put(shop.storeId, 1, (LARGEST * 100n) / 119n);
    assert.equal((await buy(service, shop, [{ variantId: most, quantity: 1 }])).state, PurchaseState.CAPTURED);
  });

  it('is refused when it is more than 64 bits hold', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_success', 10_000, 10n ** 15n);
    const lines = [{ variantId, quantity: 10_000 }];
    await refusesTotal(service.edge.purchases.quotePurchase({ lines, currencyCode: '' }, shop.customer()));
    await refusesTotal(buy(service, shop, lines));
  });

  function refusesTotal(call: Promise<unknown>) {
    return rejectsWith(call, 'FAILED_PRECONDITION', 'TOTAL_TOO_LARGE');
  }

  function stockOf(variantId: string) {
    const { onHand, sold } = service.stores.shelves.variant(variantId);
    return { onHand, sold };
  }
});
