import type { Account, Purpose } from '../../domain/ledger/account.ts';
import { accountIdOf, PURPOSES } from '../../domain/ledger/account.ts';
import { writeId } from '../columns.ts';

/** What a row of `ledger_balances` says of its account. */
export interface AccountRow {
  readonly owner: string;
  readonly purpose: Purpose;
  readonly currency_code: string;
}

export function toAccount(row: AccountRow): Account {
  return { owner: row.owner, purpose: row.purpose, currencyCode: row.currency_code };
}

/** What a transfer does to one row of a balance. */
export interface BalanceChange {
  readonly account: Account;
  readonly postedMinor?: bigint;
  readonly pendingDebitsMinor?: bigint;
  readonly pendingCreditsMinor?: bigint;
}

export interface BalanceRow {
  readonly accountId: Buffer;
  readonly shard: number;
}

/** Which row of an account's balance a transfer changes. Ids are random at their end, and so all rows are used alike. */
export function rowOf(account: Account, transferId: Buffer): BalanceRow {
  const shard = (transferId.at(-1) ?? 0) % PURPOSES[account.purpose].shards;
  return { accountId: writeId('acct', accountIdOf(account)), shard };
}

/** The order in which everybody locks rows of balances. */
export function inLockOrder(a: BalanceRow, b: BalanceRow): number {
  return Buffer.compare(a.accountId, b.accountId) || a.shard - b.shard;
}
