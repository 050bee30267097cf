import { isCurrentCurrency } from '@malla/chassis/currencies';
import { DomainError } from '@malla/chassis/errors';

/**
 * Lets through money that people pay with now. What has ended can be paid back, and not taken.
 * @param field what a request names the currency in.
 * @throws DomainError `invalid` (CURRENCY_UNKNOWN).
 */
export function requireCurrentCurrency(currencyCode: string, field: string): void {
  if (isCurrentCurrency(currencyCode)) return;
  const fields = [{ field, reason: 'CURRENCY_UNKNOWN', description: 'must be money that ISO 4217 lists as current' }];
  throw new DomainError('invalid', 'CURRENCY_UNKNOWN', 'There is no such money now.', { fields });
}
