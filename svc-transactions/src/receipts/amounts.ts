import { minorDigitsOf } from '@malla/chassis/currencies';

/**
 * An amount for people: `1,234.50`, with as many digits as ISO 4217 gives the currency. (Intl has those of CLDR, by which a
 * forint has no fillér.)
 */
export function formatAmount(amountMinor: bigint, currencyCode: string): string {
  const digits = minorDigitsOf(currencyCode);
  return formatOf(digits).format(`${amountMinor}E-${digits}` as `${number}`);
}

const formats = new Map<number, Intl.NumberFormat>();

/** Each is made once: that takes longer than a hundred amounts. */
function formatOf(digits: number): Intl.NumberFormat {
  const fractionDigits = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const format = formats.get(digits) ?? new Intl.NumberFormat('en', fractionDigits);
  formats.set(digits, format);
  return format;
}

/** A rate for people: `19%`, `7.7%`. Empty when it is not known. */
export function formatRate(basisPoints: number | undefined): string {
  return basisPoints === undefined ? '' : `${basisPoints / 100}%`;
}
