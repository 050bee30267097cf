import { DomainError } from '@malla/chassis/errors';
import { variantNotFound } from './manage-stock.ts';
import { availableOf, type LockedStock } from './stock.ts';

/** Some units of one variant. */
export interface BasketLine {
  readonly variantId: string;
  readonly quantity: number;
}

/** Sums up variants that stand in several lines, in the order in which their stock is locked. */
export function merged(lines: readonly BasketLine[]): BasketLine[] {
  const sums = new Map<string, number>();
  for (const { variantId, quantity } of lines) sums.set(variantId, (sums.get(variantId) ?? 0) + quantity);
  return [...sums].map(([variantId, quantity]) => ({ variantId, quantity })).toSorted(byVariant);
}

function byVariant(a: BasketLine, b: BasketLine): number {
  return a.variantId < b.variantId ? -1 : 1;
}

/**
 * Checks that every line is for sale, and that there is enough of it.
 * @throws DomainError `not-found` (VARIANT_NOT_FOUND) or `precondition` (STORE_CLOSED, PRODUCT_NOT_PUBLISHED,
 *   STOCK_INSUFFICIENT), naming the lines as asked for.
 */
export function checkLines(
  asked: readonly BasketLine[],
  lines: readonly BasketLine[],
  locked: ReadonlyMap<string, LockedStock>,
): void {
  const missing = asked.findIndex(({ variantId }) => !locked.has(variantId));
  if (missing >= 0) throw variantNotFound(`lines[${missing}].variant_id`);
  checkForSale(asked, locked);
  const short = new Map(
    lines.flatMap(({ variantId, quantity }) => {
      const available = availableOf(locked.get(variantId) as LockedStock);
      return available < quantity ? [[variantId, available] as const] : [];
    }),
  );
  if (short.size === 0) return;
  const fields = asked.flatMap(({ variantId }, at) => {
    const available = short.get(variantId);
    if (available === undefined) return [];
    const description = `${available} available`;
    return [{ field: `lines[${at}].quantity`, reason: 'STOCK_INSUFFICIENT', description }];
  });
  throw new DomainError('precondition', 'STOCK_INSUFFICIENT', 'There is not enough of every line.', { fields });
}

function checkForSale(asked: readonly BasketLine[], locked: ReadonlyMap<string, LockedStock>): void {
  const fields = asked.flatMap(({ variantId }, at) => {
    const { storeState, productState } = locked.get(variantId) as LockedStock;
    const field = `lines[${at}].variant_id`;
    if (storeState !== 'open') return [{ field, reason: 'STORE_CLOSED', description: 'is of a store that is closed' }];
    if (productState === 'published') return [];
    return [{ field, reason: 'PRODUCT_NOT_PUBLISHED', description: 'is of a product that is not published' }];
  });
  const [first] = fields;
  if (first) throw new DomainError('precondition', first.reason, 'Not every line is for sale.', { fields });
}
