import assert from 'node:assert/strict';
import { CaptureMethod, PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { confirm, newPayment, openShop } from '../support/shop.ts';

describe('PaymentsService/CreatePayment', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('refuses currencies that ISO 4217 does not have, naming the field', async () => {
    const shop = await openShop(service);
    const { storeId } = shop;
    const create = (currencyCode: string) => {
      const amount = { currencyCode, amountMinor: 100n };
      const request = { storeId, amount, captureMethod: CaptureMethod.MANUAL, paymentMethodId: '', description: '' };
      return service.edge.payments.createPayment(request, shop.customer());
    };
    for (const [currencyCode, reason] of [
      ['ABC', 'CURRENCY_UNKNOWN'],
      ['ZZZ', 'CURRENCY_UNKNOWN'],
      // No money, and money that has ended.
      ...['XXX', 'XTS', 'XAU', 'XDR', 'CLF', 'HRK', 'BGN'].map((code) => [code, 'CURRENCY_UNKNOWN'] as const),
      ['eur', 'MESSAGE_INVALID'],
    ] as const) {
      const { fields } = await rejectsWith(create(currencyCode), 'INVALID_ARGUMENT', reason);
      assert.deepEqual(
        fields.map(({ field }) => field),
        ['amount.currency_code'],
      );
    }
    for (const currencyCode of ['EUR', 'JPY', 'KWD', 'USD', 'CHF', 'XCG']) {
      assert.equal((await create(currencyCode)).payment?.amount?.currencyCode, currencyCode);
    }
  });

  it('answers FAILED_PRECONDITION (STORE_CLOSED) for a store that is closed, as purchases do', async () => {
    const shop = await openShop(service);
    service.stores.close(shop.storeId);
    const said = await rejectsWith(newPayment(service, shop, 'tok_success'), 'FAILED_PRECONDITION', 'STORE_CLOSED');
    assert.equal(said.fields[0]?.field, 'store_id');
  });

  it('asks no provider for a payment whose store closed after it was created, and captures what was authorised', async () => {
    const shop = await openShop(service);
    const [authorised, waiting] = [
      await newPayment(service, shop, 'tok_success', CaptureMethod.MANUAL),
      await newPayment(service, shop, 'tok_success'),
    ];
    await confirm(service, shop, authorised);
    service.stores.close(shop.storeId);
    const said = await rejectsWith(confirm(service, shop, waiting), 'FAILED_PRECONDITION', 'STORE_CLOSED');
    assert.equal(said.fields[0]?.field, 'payment_id');
    const { payment } = await service.edge.payments.capturePayment(
      { paymentId: authorised, amount: undefined },
      shop.owner(),
    );
    assert.equal(payment?.state, PaymentState.CAPTURED);
  });

  it('takes no amount that is not said, in any request that moves money', async () => {
    const { storeId, customer, owner } = await openShop(service);
    const amount = { currencyCode: 'EUR', amountMinor: undefined };
    const { edge } = service;
    const payment = { storeId, amount, captureMethod: CaptureMethod.MANUAL, paymentMethodId: '', description: '' };
    const paymentId = 'pay_01h455vb4pex5vsknk084sn02q';
    const purchaseId = 'pur_01h455vb4pex5vsknk084sn02q';
    const lines = [{ variantId: 'var_01h455vb4pex5vsknk084sn02q', quantity: 1 }];
    const purchase = { lines, currencyCode: '', paymentMethodId: '', expectedTotal: amount };
    const refund = { purchaseId, lines: [], amount, reason: '', restock: false };
    const calls: readonly (readonly [field: string, call: Promise<unknown>])[] = [
      ['amount', edge.payments.createPayment(payment, customer())],
      ['amount', edge.payments.capturePayment({ paymentId, amount }, owner())],
      ['amount', edge.payments.refundPayment({ paymentId, amount, reason: '' }, owner())],
      ['amount', edge.purchases.refundPurchase(refund, owner())],
      ['expected_total', edge.purchases.createPurchase(purchase, customer())],
    ];
    for (const [field, call] of calls) {
      const { fields } = await rejectsWith(call, 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
      assert.ok(
        fields.some((one) => one.field === `${field}.amount_minor`),
        JSON.stringify(fields),
      );
    }
  });
});
