import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatAmount } from '../../src/receipts/amounts.ts';

describe('formatAmount', () => {
  const AMOUNTS = [
    ['EUR', 123_450n, '1,234.50'],
    ['JPY', 1_234n, '1,234'],
    ['KWD', 1_234_567n, '1,234.567'],
    ['HUF', 123_400n, '1,234.00'],
    ['COP', 5n, '0.05'],
    ['EUR', -5n, '-0.05'],
    ['EUR', 9_999_999_999_999_999_999n, '99,999,999,999,999,999.99'],
  ] as const;
  for (const [currencyCode, amountMinor, text] of AMOUNTS) {
    it(`writes ${amountMinor} of ${currencyCode} as ${text}`, () => {
      assert.equal(formatAmount(amountMinor, currencyCode), text);
    });
  }

  it('loses nothing of any amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }), (amountMinor) => {
        assert.equal(BigInt(formatAmount(amountMinor, 'KWD').replace(/[,.]/g, '')), amountMinor);
      }),
    );
  });
});
