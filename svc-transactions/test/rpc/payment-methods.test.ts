import assert from 'node:assert/strict';
import { typeid } from 'typeid-js';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openShop, type Shop } from '../support/shop.ts';

describe('PaymentMethodsService', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('keeps what may be shown of a card, the first as the default', async () => {
    const shop = await openShop(service);
    const [first, second] = [await attach(shop), await attach(shop)];
    assert.deepEqual([first?.brand, first?.last4, first?.isDefault], ['visa', '4242', true]);
    assert.equal(second?.isDefault, false);
    assert.ok(!JSON.stringify(first).includes('tok_'));
    const request = { paymentMethodId: second?.paymentMethodId ?? '' };
    await service.edge.methods.setDefaultPaymentMethod(request, shop.customer());
    assert.deepEqual(await defaults(shop), [true, false]);
    await service.edge.methods.detachPaymentMethod(request, shop.customer());
    await service.edge.methods.detachPaymentMethod(request, shop.customer());
    assert.deepEqual(await defaults(shop), [false]);
  });

  it('keeps 20 payment methods of a user when 64 are attached at once', async () => {
    const shop = await openShop(service);
    for (let attached = 0; attached < 17; attached += 1) await attach(shop);
    await Promise.allSettled(Array.from({ length: 64 }, () => attach(shop)));
    // On a busy machine the provider may not have answered the last of them.
    while ((await defaults(shop)).length < 20) await attach(shop);
    await rejectsWith(attach(shop), 'RESOURCE_EXHAUSTED', 'PAYMENT_METHODS_TOO_MANY');
    assert.equal((await defaults(shop)).length, 20);
  });

  it('answers INVALID_ARGUMENT for a token of any length that the provider does not know', async () => {
    const shop = await openShop(service);
    for (const token of ['x'.repeat(100), 'x'.repeat(101), 'x'.repeat(255), '%'.repeat(255), '/'.repeat(255), '..']) {
      const call = service.edge.methods.attachPaymentMethod({ token }, shop.customer());
      await rejectsWith(call, 'INVALID_ARGUMENT', 'PAYMENT_TOKEN_UNKNOWN');
    }
  });

  it('makes one of ten the default that come at once', async () => {
    const shop = await openShop(service);
    await Promise.all(Array.from({ length: 10 }, () => attach(shop)));
    assert.equal((await defaults(shop)).filter(Boolean).length, 1);
  });

  it('answers INVALID_ARGUMENT for no token of the provider, and RESOURCE_EXHAUSTED for the 21st', async () => {
    const shop = await openShop(service);
    const call = service.edge.methods.attachPaymentMethod({ token: 'tok_nothing' }, shop.customer());
    await rejectsWith(call, 'INVALID_ARGUMENT', 'PAYMENT_TOKEN_UNKNOWN');
    await Promise.all(Array.from({ length: 20 }, () => attach(shop)));
    await rejectsWith(attach(shop), 'RESOURCE_EXHAUSTED', 'PAYMENT_METHODS_TOO_MANY');
  });

  it("answers NOT_FOUND for another user's", async () => {
    const [shop, other] = [await openShop(service), await openShop(service)];
    const paymentMethodId = (await attach(shop))?.paymentMethodId ?? typeid('pm').toString();
    const call = service.edge.methods.setDefaultPaymentMethod({ paymentMethodId }, other.customer());
    await rejectsWith(call, 'NOT_FOUND', 'PAYMENT_METHOD_NOT_FOUND');
  });

  async function attach(shop: Shop) {
    return (await service.edge.methods.attachPaymentMethod({ token: 'tok_success' }, shop.customer())).paymentMethod;
  }

  async function defaults(shop: Shop): Promise<boolean[]> {
    const { paymentMethods } = await service.edge.methods.listPaymentMethods({}, shop.customer());
    return paymentMethods.map(({ isDefault }) => isDefault);
  }
});
