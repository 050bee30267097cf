import { code } from 'currency-codes';

const DIGITS_DEFAULT = 2;

/**
 * An amount for people: `1,234.50`, with as many digits as ISO 4217 gives the currency. (Intl has those of CLDR, by which a
 * forint has no fillér.)
 */
export function formatAmount(amountMinor: bigint, currencyCode: string): string {
  const digits = code(currencyCode)?.digits ?? DIGITS_DEFAULT;
  const fractionDigits = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat('en', fractionDigits).format(`${amountMinor}E-${digits}` as `${number}`);
}
