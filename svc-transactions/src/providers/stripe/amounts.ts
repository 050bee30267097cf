/**
 * How Stripe counts what ISO 4217 counts otherwise: krónur and shillings in hundredths that are always 00, ariary without
 * hundredths. https://docs.stripe.com/currencies#special-cases, #zero-decimal
 */
const STRIPE_PER_MINOR: ReadonlyMap<string, readonly [factor: bigint, divisor: bigint]> = new Map([
  ['ISK', [100n, 1n]],
  ['UGX', [100n, 1n]],
  ['MGA', [1n, 100n]],
]);
/** Their last digit has to be 0. https://docs.stripe.com/currencies#three-decimal */
const THREE_DECIMALS = ['BHD', 'JOD', 'KWD', 'OMR', 'TND'];
/** Currencies with other decimals than Stripe has, or none that it documents. */
const UNSUPPORTED = ['CLF', 'IQD', 'LYD', 'UYW'];
const SAME: readonly [bigint, bigint] = [1n, 1n];

/** Money as Stripe counts it; undefined for what Stripe cannot move exactly. */
export function toStripeAmount(currencyCode: string, amountMinor: bigint): number | undefined {
  const [factor, divisor] = STRIPE_PER_MINOR.get(currencyCode) ?? SAME;
  const isExact = amountMinor % divisor === 0n && !UNSUPPORTED.includes(currencyCode);
  const amount = (amountMinor * factor) / divisor;
  if (!isExact || (THREE_DECIMALS.includes(currencyCode) && amount % 10n !== 0n)) return undefined;
  return amount <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(amount) : undefined;
}

/** Money as we count it. @throws Error when it is no whole number of minor units. */
export function fromStripeAmount(currency: string, amount: number): bigint {
  const [factor, divisor] = STRIPE_PER_MINOR.get(currency.toUpperCase()) ?? SAME;
  const scaled = BigInt(amount) * divisor;
  if (scaled % factor !== 0n) throw new Error(`Stripe tells a fraction of a minor unit of ${currency}`);
  return scaled / factor;
}
