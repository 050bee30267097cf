import type { Money as MoneyMessage } from '@malla/proto/malla/type/v1/money';
import type { Money } from '../domain/payments/payment.ts';

/** Reads an amount of a request; the contract's rules have refused one that is not said. Undefined when there is none. */
export function fromMoneyMessage(message: MoneyMessage | undefined): Money | undefined {
  if (message?.amountMinor === undefined) return undefined;
  return { currencyCode: message.currencyCode, amountMinor: message.amountMinor };
}
