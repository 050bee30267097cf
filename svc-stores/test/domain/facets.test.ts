import assert from 'node:assert/strict';
import { countFacets, FACETS_COUNTED_MAX, type FacetSource } from '../../src/domain/facets.ts';

const source = (amountMinor: number, currencyCode = 'EUR') => ({
  categoryPath: [],
  tags: [],
  currencyCode,
  prices: { [currencyCode]: { amountMinor } },
});

const from = (sources: readonly FacetSource[], whole = true) => ({ sources, whole });

describe('countFacets', () => {
  it('puts prices into bands of 1, 2 and 5', () => {
    const amounts = [0, 99, 100, 199, 200, 499, 500, 999, 1_000, 123_456];
    const { priceBands } = countFacets(from(amounts.map((amount) => source(amount))), '');
    assert.deepEqual(
      priceBands.map(({ fromMinor, toMinor, count }) => [Number(fromMinor), Number(toMinor), count]),
      [
        [0, 100, 2],
        [100, 200, 2],
        [200, 500, 2],
        [500, 1_000, 2],
        [1_000, 2_000, 1],
        [100_000, 200_000, 1],
      ],
    );
  });

  it('counts each currency for itself, or only the one asked for', () => {
    const sources = from([source(100, 'EUR'), source(100, 'USD')]);
    assert.deepEqual(
      countFacets(sources, '').priceBands.map(({ currencyCode }) => currencyCode),
      ['EUR', 'USD'],
    );
    assert.deepEqual(
      countFacets(sources, 'USD').priceBands.map(({ currencyCode }) => currencyCode),
      ['USD'],
    );
  });

  it('says when there is more than it counted', () => {
    const { counted, complete } = countFacets(
      from(Array.from({ length: FACETS_COUNTED_MAX + 1 }, () => source(1))),
      '',
    );
    assert.deepEqual([counted, complete], [FACETS_COUNTED_MAX, false]);
  });

  it('says when there was more than it looked at', () => {
    assert.equal(countFacets(from([source(1)], true), '').complete, true);
    assert.equal(countFacets(from([source(1)], false), '').complete, false);
  });
});
