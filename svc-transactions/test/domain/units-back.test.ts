import assert from 'node:assert/strict';
import { DomainError } from '@malla/chassis/errors';
import fc from 'fast-check';
import type { RefundLine } from '../../src/domain/payments/payment.ts';
import type { Purchase, PurchaseLine } from '../../src/domain/purchases/purchase.ts';
import { allUnitsLeft, backOf, priceUnits, settleUnits, takeUnits } from '../../src/domain/purchases/units-back.ts';

type Units = Pick<Purchase, 'lines' | 'unitsBack'>;

const newLine = (variantId: string, quantity: number, unitPriceMinor: bigint, taxMinor: bigint): PurchaseLine => ({
  ...{ variantId, quantity, unitPriceMinor, taxMinor, subtotalMinor: unitPriceMinor * BigInt(quantity) },
  ...{ productId: '', productName: '', optionValues: [], sku: '' },
});

/** Something that is done: units are refunded, or the oldest refund on its way ends. */
const steps = fc.array(
  fc.oneof(
    fc.record({ refund: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ ends: fc.boolean(), at: fc.nat({ max: 5 }) }),
  ),
  { maxLength: 40 },
);

describe('Units that are refunded', () => {
  it('get back exactly what was paid for them, in any order and whatever fails in between', () => {
    const line = fc.tuple(fc.integer({ min: 1, max: 50 }), fc.bigInt(0n, 5_000n), fc.bigInt(0n, 10_000n));
    fc.assert(
      fc.property(line, steps, ([quantity, price, tax], script) => {
        const paid = newLine('a', quantity, price, tax);
        let units: Units = { lines: [paid], unitsBack: {} };
        let pending: RefundLine[] = [];
        const back: RefundLine[] = [];
        const end = (refund: RefundLine, succeeded: boolean) => {
          units = { ...units, unitsBack: settleUnits(units, [refund], succeeded) };
          pending = pending.filter((one) => one !== refund);
          if (succeeded) back.push(refund);
        };
        const begin = (wanted: number) => {
          const left = allUnitsLeft(units)[0]?.quantity ?? 0;
          if (left === 0) return;
          const priced = priceUnits(units, [{ variantId: 'a', quantity: Math.min(wanted, left) }]);
          assert.ok(priced.every(({ taxMinor, subtotalMinor }) => taxMinor >= 0n && subtotalMinor >= 0n));
          units = { ...units, unitsBack: takeUnits(units, priced) };
          pending.push(...priced);
        };
        for (const step of script) {
          if ('refund' in step) begin(step.refund);
          else if (pending.length > 0) end(pending[step.at % pending.length] as RefundLine, step.ends);
        }
        for (const refund of [...pending]) end(refund, true);
        begin(quantity);
        for (const refund of [...pending]) end(refund, true);
        const sum = back.reduce((total, { subtotalMinor, taxMinor }) => total + subtotalMinor + taxMinor, 0n);
        assert.equal(sum, paid.subtotalMinor + paid.taxMinor);
        assert.deepEqual(backOf(units, 'a'), { quantity, pendingQuantity: 0, taxMinor: tax });
      }),
      { numRuns: 500 },
    );
  });

  it('share taxes that cannot be divided', () => {
    let units: Units = { lines: [newLine('a', 3, 100n, 50n)], unitsBack: {} };
    const taxes = [1, 1, 1].map((quantity) => {
      const priced = priceUnits(units, [{ variantId: 'a', quantity }]);
      units = { ...units, unitsBack: settleUnits({ ...units, unitsBack: takeUnits(units, priced) }, priced, true) };
      return priced[0]?.taxMinor;
    });
    assert.deepEqual(taxes, [17n, 16n, 17n]);
  });

  it('are refused by the line when there are fewer, or none of the kind', () => {
    const units: Units = { lines: [newLine('a', 3, 100n, 50n), newLine('b', 1, 100n, 0n)], unitsBack: {} };
    const refusal = (lines: { variantId: string; quantity: number }[]) => {
      try {
        priceUnits(units, lines);
      } catch (error) {
        assert.ok(error instanceof DomainError);
        return [error.reason, error.details.fields?.map(({ field }) => field)];
      }
      return undefined;
    };
    const many = [
      { variantId: 'a', quantity: 3 },
      { variantId: 'b', quantity: 2 },
    ];
    assert.deepEqual(refusal(many), ['UNITS_TOO_MANY', ['lines[1].quantity']]);
    assert.deepEqual(refusal([{ variantId: 'c', quantity: 1 }]), ['LINE_UNKNOWN', ['lines[0].variant_id']]);
  });
});
