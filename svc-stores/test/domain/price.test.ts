import assert from 'node:assert/strict';
import { nextPriceTime, type Price, priceInForce } from '../../src/domain/price.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
const price = (amountMinor: bigint, start?: number, end?: number, currencyCode = 'EUR'): Price => ({
  currencyCode,
  amountMinor,
  compareAtMinor: undefined,
  startTime: start === undefined ? undefined : at(start),
  endTime: end === undefined ? undefined : at(end),
});

describe('priceInForce', () => {
  const prices = [price(100n), price(80n, 10, 20), price(70n, 15, 18), price(5n, undefined, undefined, 'USD')];

  it('is the one that began last', () => {
    const amounts = [0, 10, 14, 15, 17, 18, 19, 20].map(
      (minute) => priceInForce(prices, 'EUR', at(minute))?.amountMinor,
    );
    assert.deepEqual(amounts, [100n, 80n, 80n, 70n, 70n, 80n, 80n, 100n]);
  });

  it('is none in another currency', () => {
    assert.equal(priceInForce(prices, 'JPY', at(0)), undefined);
    assert.equal(priceInForce(prices, 'USD', at(0))?.amountMinor, 5n);
  });
});

describe('nextPriceTime', () => {
  it('is the next beginning or end', () => {
    const prices = [price(1n), price(2n, 10, 20)];
    assert.deepEqual(
      [0, 10, 19].map((minute) => nextPriceTime(prices, at(minute))),
      [at(10), at(20), at(20)],
    );
    assert.equal(nextPriceTime(prices, at(20)), undefined);
  });
});
