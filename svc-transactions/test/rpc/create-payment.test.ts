import assert from 'node:assert/strict';
import { CaptureMethod } from '@malla/proto/malla/transactions/v1/payment';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openShop } from '../support/shop.ts';

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
      ['eur', 'MESSAGE_INVALID'],
    ] as const) {
      const { fields } = await rejectsWith(create(currencyCode), 'INVALID_ARGUMENT', reason);
      assert.deepEqual(
        fields.map(({ field }) => field),
        ['amount.currency_code'],
      );
    }
    for (const currencyCode of ['EUR', 'JPY', 'KWD', 'USD', 'CHF']) {
      assert.equal((await create(currencyCode)).payment?.amount?.currencyCode, currencyCode);
    }
  });
});
