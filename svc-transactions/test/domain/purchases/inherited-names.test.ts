import assert from 'node:assert/strict';
import type { OfferedLine } from '../../../src/domain/purchases/ports.ts';
import { quotePurchase } from '../../../src/domain/purchases/quote.ts';
import { readEvent } from '../../../src/providers/stripe/events.ts';
import { testMethodOf } from '../../../src/sandbox/test-methods.ts';

/** What every plain object has without being given it: `constructor`, `toString`, `__proto__`, … */
const INHERITED = Object.getOwnPropertyNames(Object.prototype);

describe('names that every object inherits', () => {
  const line = (taxClass: string): OfferedLine => ({
    ...{ variantId: 'var', quantity: 1, productId: 'prod', productName: 'Hat', optionValues: [], sku: 'HAT' },
    ...{
      storeId: 'store',
      storeName: 'Hats',
      storeContact: { email: '', phone: '', countryCode: 'ES', legalName: '', postalAddress: '', taxId: '' },
    },
    ...{ taxClass, currencyCode: 'EUR', unitPriceMinor: 1_000n, problem: '', availableQuantity: 1 },
  });
  const quote = (taxClass: string, taxBasisPoints: ReadonlyMap<string, number>) =>
    quotePurchase([], '', { stock: { quote: async () => [line(taxClass)] }, taxBasisPoints } as never);

  for (const name of INHERITED) {
    it(`are a tax class like any other: ${name}`, async () => {
      assert.equal((await quote(name, new Map())).taxMinor, 0n);
      assert.equal((await quote(name, new Map([[name, 1_000]]))).taxMinor, 100n);
    });
  }

  it('are no event of the provider, and no test payment method', () => {
    for (const type of INHERITED) {
      assert.deepEqual(readEvent(JSON.stringify({ type, data: { object: {} } })), { type: 'other' }, type);
      assert.equal(testMethodOf(type), undefined);
    }
  });
});
