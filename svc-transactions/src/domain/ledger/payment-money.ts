import type { Account, Purpose } from './account.ts';

/** A payment as far as it says what the ledger has to have of it. Amounts are in minor units. */
export interface PaidMoney {
  readonly paymentId: string;
  readonly userId: string;
  readonly storeId: string;
  readonly currencyCode: string;
  readonly state: string;
  readonly amountMinor: bigint;
  readonly capturedMinor: bigint;
  readonly refundedMinor: bigint;
  readonly refundsPendingMinor: bigint;
  readonly lostMinor: bigint;
  /** Whether it has an authorisation that has not ended. */
  readonly isAuthorised: boolean;
}

/** What a payment does not say itself. */
export interface PaidBeside {
  /** What Malla took of it. */
  readonly feeMinor: bigint;
  /** What is set aside for its open disputes. */
  readonly disputedMinor: bigint;
}

/** What an account has of a payment; credit minus debit. */
export interface AccountShare {
  readonly account: Account;
  readonly amountMinor: bigint;
}

/**
 * What each account has to have of a payment, wherever it is on its way: the sum of all the events that `bookkeeping.ts` knows.
 * Accounts that are not named have nothing of it, the customer's among them: what is captured is owed by the provider at once.
 */
export function sharesOf(
  payment: PaidMoney,
  { feeMinor, disputedMinor }: PaidBeside,
  provider: string,
): readonly AccountShare[] {
  const { storeId, capturedMinor, refundedMinor, refundsPendingMinor, lostMinor } = payment;
  const atProvider = capturedMinor - refundedMinor - lostMinor;
  const share = (owner: string, purpose: Purpose, amountMinor: bigint): AccountShare => ({
    account: { owner, purpose, currencyCode: payment.currencyCode },
    amountMinor,
  });
  const shares = [
    share(storeId, 'store-payable', atProvider - feeMinor - refundsPendingMinor - disputedMinor),
    share('malla', 'fees', feeMinor),
    share(storeId, 'refunds', refundsPendingMinor),
    share(storeId, 'disputes', disputedMinor),
    share(provider, 'provider-clearing', -atProvider),
  ];
  return shares.filter(({ amountMinor }) => amountMinor !== 0n);
}

/** What is held between two accounts. */
export interface Hold {
  readonly debit: Account;
  readonly credit: Account;
  readonly amountMinor: bigint;
}

/**
 * What has to be held for a payment: all of it from when it is authorised until that ends, also while the provider is asked to
 * capture or to let go. What costs nothing is not held.
 */
export function holdOf(payment: PaidMoney): Hold | undefined {
  const { state, amountMinor, currencyCode, userId, storeId } = payment;
  const isHeld = state === 'authorised' || (state === 'pending' && payment.isAuthorised);
  if (!isHeld || amountMinor === 0n) return undefined;
  return {
    debit: { owner: userId, purpose: 'customer-receivable', currencyCode },
    credit: { owner: storeId, purpose: 'store-payable', currencyCode },
    amountMinor,
  };
}
