import type { Purchase } from '../purchases/purchase.ts';

/** What is taxed at one rate. Amounts are in minor units. */
export interface TaxSum {
  /** In hundredths of a percent; undefined when it is not known. */
  readonly basisPoints: number | undefined;
  readonly subtotalMinor: bigint;
  readonly taxMinor: bigint;
}

/** The taxes of a purchase by their rates, the highest first, and last what has no rate. */
export function taxesOf({ lines }: Pick<Purchase, 'lines'>): TaxSum[] {
  const byRate = Map.groupBy(lines, ({ taxBasisPoints }) => taxBasisPoints);
  const sums = [...byRate].map(([basisPoints, taxed]) => ({
    basisPoints,
    subtotalMinor: taxed.reduce((sum, { subtotalMinor }) => sum + subtotalMinor, 0n),
    taxMinor: taxed.reduce((sum, { taxMinor }) => sum + taxMinor, 0n),
  }));
  return sums.toSorted((a, b) => (b.basisPoints ?? -1) - (a.basisPoints ?? -1));
}
