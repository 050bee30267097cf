import assert from 'node:assert/strict';
import { fromStripeAmount, toStripeAmount } from '../../../src/providers/stripe/amounts.ts';

describe('Amounts of Stripe', () => {
  for (const [currency, minor, stripe] of [
    ['EUR', 1_050n, 1_050],
    ['JPY', 500n, 500],
    ['ISK', 5n, 500],
    ['UGX', 5n, 500],
    ['MGA', 500n, 5],
    ['KWD', 5_120n, 5_120],
  ] as const) {
    it(`are ${stripe} for ${minor} minor units of ${currency}, and back`, () => {
      assert.equal(toStripeAmount(currency, minor), stripe);
      assert.equal(fromStripeAmount(currency.toLowerCase(), stripe), minor);
    });
  }

  for (const [currency, minor] of [
    ['KWD', 5_124n],
    ['MGA', 550n],
    ['CLF', 10_000n],
    ['LYD', 10_000n],
    ['ISK', 9_007_199_254_740_991n],
    ['EUR', 9_007_199_254_740_993n],
  ] as const) {
    it(`are none for ${minor} minor units of ${currency}`, () => {
      assert.equal(toStripeAmount(currency, minor), undefined);
    });
  }

  it('throw for a fraction of a króna', () => {
    assert.throws(() => fromStripeAmount('isk', 550), /fraction/);
  });
});
