import type { EntryPrice } from './catalog-entry.ts';

/** How many entries facets are counted from at the most. */
export const FACETS_COUNTED_MAX = 200;
const VALUES_MAX = 50;

/** What facets are counted from. */
export interface FacetSource {
  readonly categoryPath: readonly string[];
  readonly tags: readonly string[];
  readonly currencyCode: string;
  readonly prices: Readonly<Record<string, EntryPrice>>;
}

/** What facets are counted from, and whether all was looked at that may have been found. */
export interface FacetSources {
  readonly sources: readonly FacetSource[];
  readonly whole: boolean;
}

export interface FacetCount {
  readonly value: string;
  readonly count: number;
}

/** How many cost from `fromMinor` up to, but not, `toMinor`. */
export interface PriceBand {
  readonly currencyCode: string;
  readonly fromMinor: bigint;
  readonly toMinor: bigint;
  readonly count: number;
}

export interface Facets {
  readonly categories: readonly FacetCount[];
  readonly priceBands: readonly PriceBand[];
  readonly tags: readonly FacetCount[];
  readonly counted: number;
  readonly complete: boolean;
}

/** Counts facets. @param currencyCode of the prices; empty for each store's own. */
export function countFacets({ sources, whole }: FacetSources, currencyCode: string): Facets {
  const counted = sources.slice(0, FACETS_COUNTED_MAX);
  return {
    categories: mostFrequent(counted.flatMap(({ categoryPath }) => categoryPath)),
    tags: mostFrequent(counted.flatMap(({ tags }) => tags)),
    priceBands: bandsOf(counted, currencyCode),
    counted: counted.length,
    complete: whole && sources.length <= FACETS_COUNTED_MAX,
  };
}

function mostFrequent(values: readonly string[]): FacetCount[] {
  const counts = [...countEach(values)].map(([value, count]) => ({ value, count }));
  return counts.toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)).slice(0, VALUES_MAX);
}

function bandsOf(sources: readonly FacetSource[], currencyCode: string): PriceBand[] {
  const keys = sources.flatMap((source) => {
    const code = currencyCode || source.currencyCode;
    const price = source.prices[code];
    return price ? [`${code} ${bandStart(price.amountMinor)}`] : [];
  });
  const bands = [...countEach(keys)].map(([key, count]) => {
    const [code = '', from = '0'] = key.split(' ');
    return { currencyCode: code, fromMinor: BigInt(from), toMinor: BigInt(bandEnd(Number(from))), count };
  });
  return bands.toSorted((a, b) =>
    a.currencyCode === b.currencyCode ? Number(a.fromMinor - b.fromMinor) : a.currencyCode < b.currencyCode ? -1 : 1,
  );
}

/** Bands begin at 0 and at 1, 2 and 5 times each power of ten: the same for every search, and so links to them stay good. */
function bandStart(amountMinor: number): number {
  if (amountMinor < 100) return 0;
  const power = 10 ** (String(amountMinor).length - 1);
  return [5, 2, 1].map((step) => step * power).find((start) => start <= amountMinor) ?? power;
}

function bandEnd(start: number): number {
  if (start === 0) return 100;
  return String(start).startsWith('2') ? (start / 2) * 5 : start * 2;
}

function countEach(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
