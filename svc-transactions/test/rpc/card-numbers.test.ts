import assert from 'node:assert/strict';
import { typeid } from 'typeid-js';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newPayment, openShop, type Shop } from '../support/shop.ts';
import { watchAll } from '../support/watch.ts';

const CARD = '4242 4242 4242 4242';

describe('A card number', () => {
  let service: TestService;
  let shop: Shop;
  before(async () => {
    service = await startTestService();
    shop = await openShop(service);
  });
  after(() => service.stop());

  it('is refused in any text of a request, and no error repeats it', async () => {
    const paymentId = await newPayment(service, shop, 'tok_success');
    const purchaseId = typeid('pur').toString();
    const amount = { currencyCode: 'EUR', amountMinor: 1n };
    const payment = {
      storeId: shop.storeId,
      amount,
      captureMethod: 0 as const,
      paymentMethodId: '',
      description: CARD,
    };
    const calls: [string, () => Promise<unknown>][] = [
      ['description', () => service.edge.payments.createPayment(payment, shop.customer())],
      ['reason', () => service.edge.payments.refundPayment({ paymentId, amount, reason: CARD }, shop.owner())],
      ['token', () => service.edge.methods.attachPaymentMethod({ token: CARD.replaceAll(' ', '') }, shop.customer())],
      ['page_token', () => service.edge.payments.listPayments({ pageSize: 1, pageToken: CARD }, shop.customer())],
      ['Idempotency-Key', () => watchAll(service.edge, { purchaseId }, shop.customer(CARD.replaceAll(' ', '')))],
      ['Idempotency-Key', () => service.edge.payments.voidPayment({ paymentId }, shop.owner(CARD.replaceAll(' ', '')))],
    ];
    for (const [field, call] of calls) {
      const told = await rejectsWith(call(), 'INVALID_ARGUMENT', 'CARD_NUMBER_REFUSED');
      assert.deepEqual(
        told.fields.map((one) => one.field),
        [field],
      );
      assert.ok(!/(?:4242\W{0,2}){2}/.test(JSON.stringify(told)));
    }
  });

  it('is not seen in ordinary text, nor in keys that are hashes', async () => {
    const amount = { currencyCode: 'EUR', amountMinor: 1n };
    const payment = { storeId: shop.storeId, amount, captureMethod: 0 as const, paymentMethodId: '' };
    const keys = [
      '5f829379246581434457e8acace120f5',
      '417d16af645da043fe73ca3ae6e68185ef5b1605782e6de83f2567848024713a',
    ];
    for (const key of keys) {
      const description = `Sizes 36, 37, 38, 39, 40, 41, 42, 43, 44; ISBN 978-3-16-148410-0, 304 pages; ${key}`;
      const call = shop.customer(key);
      assert.ok((await service.edge.payments.createPayment({ ...payment, description }, call)).payment);
    }
  });
});
