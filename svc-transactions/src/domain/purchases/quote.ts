import { DomainError } from '@malla/chassis/errors';
import { requireCurrentCurrency } from '../payments/currency.ts';
import { PAYMENT_MINOR_MAX } from '../payments/payment.ts';
import type { BasketLine, OfferedLine, PurchaseDeps } from './ports.ts';
import type { PurchaseLine, Quote } from './purchase.ts';

const BASIS_POINTS = 10_000n;

/**
 * Tells what a basket costs.
 * @throws DomainError `precondition` (LINES_UNSERVABLE, TOTAL_TOO_LARGE), `invalid` (STORES_MIXED, CURRENCY_UNKNOWN).
 */
export async function quotePurchase(
  lines: readonly BasketLine[],
  currencyCode: string,
  { stock, taxBasisPoints }: Pick<PurchaseDeps, 'stock' | 'taxBasisPoints'>,
): Promise<Quote> {
  const offered = await stock.quote(lines, currencyCode);
  const [first] = offered;
  if (!first || offered.some(({ problem }) => problem)) throw unservable(offered);
  if (offered.some(({ storeId }) => storeId !== first.storeId)) throw storesMixed(first.storeId, offered);
  // The store's own, which may have ended since it was chosen, or the one that was asked for.
  requireCurrentCurrency(first.currencyCode, 'currency_code');
  const priced = offered.map((line) => toLine(line, taxBasisPoints.get(line.taxClass) ?? 0));
  const [subtotalMinor, taxMinor] = [sum(priced, 'subtotalMinor'), sum(priced, 'taxMinor')];
  const { storeId, storeName, storeContact, currencyCode: currency } = first;
  const totalMinor = subtotalMinor + taxMinor;
  if (totalMinor > PAYMENT_MINOR_MAX) throw totalTooLarge();
  const store = { storeId, storeName, storeContact };
  return { ...store, currencyCode: currency, lines: priced, subtotalMinor, taxMinor, totalMinor };
}

function toLine(line: OfferedLine, basisPoints: number): PurchaseLine {
  const { variantId, quantity, productId, productName, optionValues, sku, unitPriceMinor } = line;
  const subtotalMinor = unitPriceMinor * BigInt(quantity);
  const taxMinor = (subtotalMinor * BigInt(basisPoints) + BASIS_POINTS / 2n) / BASIS_POINTS;
  const taxed = { unitPriceMinor, subtotalMinor, taxMinor, taxBasisPoints: basisPoints };
  return { variantId, quantity, productId, productName, optionValues, sku, ...taxed };
}

function sum(lines: readonly PurchaseLine[], field: 'subtotalMinor' | 'taxMinor'): bigint {
  return lines.reduce((total, line) => total + line[field], 0n);
}

function unservable(lines: readonly OfferedLine[]): DomainError {
  const fields = lines.flatMap(({ problem }, at) =>
    problem ? [{ field: `lines[${at}]`, reason: problem, description: 'cannot be served' }] : [],
  );
  return new DomainError('precondition', 'LINES_UNSERVABLE', 'Not every line can be served.', { fields });
}

function storesMixed(first: string, lines: readonly OfferedLine[]): DomainError {
  const fields = lines.flatMap(({ storeId }, at) =>
    storeId === first
      ? []
      : [
          {
            field: `lines[${at}].variant_id`,
            reason: 'STORES_MIXED',
            description: 'is of another store than the first',
          },
        ],
  );
  return new DomainError('invalid', 'STORES_MIXED', 'A purchase is from one store.', { fields });
}

function totalTooLarge(): DomainError {
  const message = `Nothing that costs more than ${PAYMENT_MINOR_MAX} minor units can be bought at once.`;
  const fields = [{ field: 'lines', reason: 'TOTAL_TOO_LARGE', description: 'cost too much together' }];
  return new DomainError('precondition', 'TOTAL_TOO_LARGE', message, { fields });
}
