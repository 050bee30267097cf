import { derivedId } from '../ids.ts';

export type Purpose = 'customer-receivable' | 'store-payable' | 'provider-clearing' | 'fees' | 'refunds' | 'disputes';

/** An account: it exists as soon as something is posted to it. */
export interface Account {
  /** A user's id, a store's id, a provider's name, or `malla`. */
  readonly owner: string;
  readonly purpose: Purpose;
  readonly currencyCode: string;
}

/** What stands on an account, in minor units; credit minus debit. */
export interface AccountBalance extends Account {
  readonly accountId: string;
  readonly postedMinor: bigint;
  readonly pendingDebitsMinor: bigint;
  readonly pendingCreditsMinor: bigint;
}

interface PurposeRules {
  /** What posted minus pending debits may not fall below, in minor units. */
  readonly floorMinor: bigint | undefined;
  /**
   * Over how many rows the balance is spread. Transfers that meet on one account wait for each other only when they meet on
   * one row. An account with a floor has one row: whoever checks the floor must know the whole balance.
   */
  readonly shards: number;
}

const SHARDED: PurposeRules = { floorMinor: undefined, shards: 16 };
const FLOORED: PurposeRules = { floorMinor: 0n, shards: 1 };

export const PURPOSES: Readonly<Record<Purpose, PurposeRules>> = {
  'customer-receivable': { floorMinor: undefined, shards: 1 },
  'store-payable': SHARDED,
  'provider-clearing': SHARDED,
  fees: SHARDED,
  refunds: FLOORED,
  disputes: FLOORED,
};

/** An account's id, which follows from what it is. */
export function accountIdOf({ owner, purpose, currencyCode }: Account): string {
  return derivedId('acct', [owner, purpose, currencyCode]);
}
