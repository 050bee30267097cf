import { DomainError } from '@malla/chassis/errors';
import type { RefundLine } from '../payments/payment.ts';
import type { BasketLine } from './ports.ts';
import { NO_UNITS_BACK, type Purchase, type PurchaseLine, type UnitsBack } from './purchase.ts';

type UnitsOf = Pick<Purchase, 'lines' | 'unitsBack'>;

/**
 * What some units of a purchase are paid back with. The taxes of a line are rounded over all units that went back so far, and
 * what is gone is taken off: whatever the order, and whatever failed in between, all units together get all of them.
 * @throws DomainError `invalid` (LINE_UNKNOWN), `precondition` (UNITS_TOO_MANY).
 */
export function priceUnits(purchase: UnitsOf, asked: readonly BasketLine[]): RefundLine[] {
  const lines = new Map(purchase.lines.map((line) => [line.variantId, line]));
  const unknown = asked.flatMap(({ variantId }, at) => (lines.has(variantId) ? [] : [at]));
  if (unknown.length > 0) throw lineUnknown(unknown);
  const priced = asked.map(({ variantId, quantity }) => ({ line: lines.get(variantId) as PurchaseLine, quantity }));
  const short = priced.flatMap(({ line, quantity }, at) => {
    const left = unitsLeft(line, purchase);
    return quantity > left ? [{ at, left }] : [];
  });
  if (short.length > 0) throw unitsTooMany(short);
  return priced.map(({ line, quantity }) => priceLine(line, quantity, backOf(purchase, line.variantId)));
}

/** All units that are left. */
export function allUnitsLeft(purchase: UnitsOf): BasketLine[] {
  const left = purchase.lines.map((line) => ({ variantId: line.variantId, quantity: unitsLeft(line, purchase) }));
  return left.filter(({ quantity }) => quantity > 0);
}

/** The units of a refund are on their way back. */
export function takeUnits({ unitsBack }: UnitsOf, lines: readonly RefundLine[]): Purchase['unitsBack'] {
  return changed(unitsBack, lines, (back, { quantity, taxMinor }) => ({
    ...back,
    pendingQuantity: back.pendingQuantity + quantity,
    taxMinor: back.taxMinor + taxMinor,
  }));
}

/** The units of a refund went back, or did not and can be refunded again. */
export function settleUnits(
  { unitsBack }: UnitsOf,
  lines: readonly RefundLine[],
  succeeded: boolean,
): Purchase['unitsBack'] {
  return changed(unitsBack, lines, (back, { quantity, taxMinor }) => ({
    quantity: back.quantity + (succeeded ? quantity : 0),
    pendingQuantity: back.pendingQuantity - quantity,
    taxMinor: back.taxMinor - (succeeded ? 0n : taxMinor),
  }));
}

/** The units of a refund that had succeeded are not paid back after all. */
export function returnUnits({ unitsBack }: UnitsOf, lines: readonly RefundLine[]): Purchase['unitsBack'] {
  return changed(unitsBack, lines, (back, { quantity, taxMinor }) => ({
    ...back,
    quantity: back.quantity - quantity,
    taxMinor: back.taxMinor - taxMinor,
  }));
}

export function backOf({ unitsBack }: Pick<UnitsOf, 'unitsBack'>, variantId: string): UnitsBack {
  return unitsBack[variantId] ?? NO_UNITS_BACK;
}

function unitsLeft({ variantId, quantity }: PurchaseLine, purchase: UnitsOf): number {
  const back = backOf(purchase, variantId);
  return quantity - back.quantity - back.pendingQuantity;
}

function priceLine(line: PurchaseLine, quantity: number, back: UnitsBack): RefundLine {
  const [all, gone] = [BigInt(line.quantity), BigInt(back.quantity + back.pendingQuantity + quantity)];
  const taxOfGone = (2n * line.taxMinor * gone + all) / (2n * all);
  const taxMinor = taxOfGone > back.taxMinor ? taxOfGone - back.taxMinor : 0n;
  return { variantId: line.variantId, quantity, subtotalMinor: line.unitPriceMinor * BigInt(quantity), taxMinor };
}

function changed(
  unitsBack: Purchase['unitsBack'],
  lines: readonly RefundLine[],
  change: (back: UnitsBack, line: RefundLine) => UnitsBack,
): Purchase['unitsBack'] {
  const entries = lines.map((line) => [line.variantId, change(backOf({ unitsBack }, line.variantId), line)] as const);
  return { ...unitsBack, ...Object.fromEntries(entries) };
}

function lineUnknown(unknown: readonly number[]): DomainError {
  const fields = unknown.map((at) => ({
    field: `lines[${at}].variant_id`,
    reason: 'LINE_UNKNOWN',
    description: 'is not of this purchase',
  }));
  return new DomainError('invalid', 'LINE_UNKNOWN', 'The purchase has no such line.', { fields });
}

function unitsTooMany(short: readonly { readonly at: number; readonly left: number }[]): DomainError {
  const fields = short.map(({ at, left }) => ({
    field: `lines[${at}].quantity`,
    reason: 'UNITS_TOO_MANY',
    description: `must be at most ${left}`,
  }));
  return new DomainError('precondition', 'UNITS_TOO_MANY', 'Fewer units are left to refund.', { fields });
}
