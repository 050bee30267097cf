/** An amount in one currency, in its minor unit. */
export interface Money {
  readonly currencyCode: string;
  readonly amountMinor: bigint;
}

/** A price in one currency, and when it is in force: from `startTime` until before `endTime`. */
export interface Price {
  readonly currencyCode: string;
  readonly amountMinor: bigint;
  readonly compareAtMinor: bigint | undefined;
  readonly startTime: Date | undefined;
  readonly endTime: Date | undefined;
}

/** The most that a price may be, in minor units: well within what a float holds exactly. */
export const AMOUNT_MINOR_MAX = 1_000_000_000_000_000n;

/** Of the prices that are in force in a currency, the one that began last. */
export function priceInForce(prices: readonly Price[], currencyCode: string, now: Date): Price | undefined {
  return prices
    .filter((price) => price.currencyCode === currencyCode && isInForce(price, now))
    .toSorted((a, b) => startMs(b) - startMs(a))[0];
}

/** The currencies in which there is a price in force. */
export function currenciesInForce(prices: readonly Price[], now: Date): Set<string> {
  return new Set(prices.filter((price) => isInForce(price, now)).map(({ currencyCode }) => currencyCode));
}

/** When the next of some prices comes into force or ends; undefined when none will. */
export function nextPriceTime(prices: readonly Price[], now: Date): Date | undefined {
  const times = prices.flatMap(({ startTime, endTime }) => [startTime, endTime]);
  return times
    .filter((time) => time !== undefined)
    .filter((time) => time > now)
    .toSorted((a, b) => a.getTime() - b.getTime())[0];
}

function isInForce({ startTime, endTime }: Price, now: Date): boolean {
  return (startTime === undefined || startTime <= now) && (endTime === undefined || endTime > now);
}

function startMs({ startTime }: Price): number {
  return startTime?.getTime() ?? Number.NEGATIVE_INFINITY;
}
