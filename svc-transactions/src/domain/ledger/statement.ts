import { DomainError } from '@malla/chassis/errors';
import type { StoreStaff } from '../ports.ts';
import { type Account, type AccountBalance, accountIdOf } from './account.ts';

/** What one transfer did to an account. */
export interface StatementEntry {
  readonly transferId: string;
  readonly line: number;
  readonly amountMinor: bigint;
  readonly kind: string;
  readonly reference: string;
  readonly createTime: Date;
}

/** Where a page of a statement ended. */
export interface EntryPosition {
  readonly createTime: Date;
  readonly transferId: string;
  readonly line: number;
}

/** A period: its first moment is in it, its last is not. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
}

export interface Statements {
  /** The accounts of an owner. */
  list(owner: string): Promise<AccountBalance[]>;
  find(accountId: string): Promise<AccountBalance | undefined>;
  /**
   * Waits for whoever is posting to an account.
   * @returns a moment that has passed: nothing is posted before it any more.
   * @throws DomainError `aborted` (CONTENTION) when somebody takes longer than locks are waited for.
   */
  settle(accountId: string): Promise<Date>;
  /** What was posted in a period, oldest first, after a position. */
  entries(
    accountId: string,
    period: Period,
    after: EntryPosition | undefined,
    limit: number,
  ): Promise<StatementEntry[]>;
  /** What stood on an account before a moment, in minor units. */
  balanceBefore(accountId: string, time: Date): Promise<bigint>;
}

/** A page of a statement. */
export interface Statement {
  readonly entries: readonly StatementEntry[];
  readonly openingMinor: bigint;
  readonly closingMinor: bigint;
  readonly next: EntryPosition | undefined;
}

/** Which part of a statement is wanted. */
export interface StatementRequest {
  readonly fromTime: Date | undefined;
  readonly toTime: Date | undefined;
  readonly pageSize: number;
  readonly after: EntryPosition | undefined;
}

export interface StatementDeps {
  readonly statements: Statements;
}

const PAGE_SIZE_DEFAULT = 20;

/**
 * Reads a page of an account's statement, which says the same of its period for ever: it ends at what is settled, however late
 * the period does. An account that nothing was ever posted to has an empty one.
 */
async function readStatement(
  accountId: string,
  { fromTime = new Date(0), toTime, pageSize, after }: StatementRequest,
  { statements }: StatementDeps,
): Promise<Statement> {
  const settledTime = await statements.settle(accountId);
  const period = { from: earlier(fromTime, settledTime), to: earlier(toTime ?? settledTime, settledTime) };
  const limit = pageSize || PAGE_SIZE_DEFAULT;
  const found = await statements.entries(accountId, period, after, limit + 1);
  const entries = found.slice(0, limit);
  return {
    entries,
    openingMinor: await statements.balanceBefore(accountId, period.from),
    closingMinor: await statements.balanceBefore(accountId, period.to),
    next: found.length > limit ? entries.at(-1) : undefined,
  };
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}

/** What is owed to a store in one currency. */
function storePayable(storeId: string, currencyCode: string): Account {
  return { owner: storeId, purpose: 'store-payable', currencyCode };
}

/** For whom a store's accounts are read. */
export interface StoreLedgerDeps extends StatementDeps {
  readonly storeStaff: StoreStaff;
}

/** Reads a store's accounts, for its staff. @throws as `requireStaff` does. */
export async function readStoreAccounts(storeId: string, deps: StoreLedgerDeps): Promise<AccountBalance[]> {
  await deps.storeStaff.requireStaff(storeId);
  return deps.statements.list(storeId);
}

/** Reads a page of what was posted to what a store is owed, for its staff. @throws as `requireStaff` does. */
export async function readStoreStatement(
  storeId: string,
  currencyCode: string,
  request: StatementRequest,
  deps: StoreLedgerDeps,
): Promise<Statement> {
  await deps.storeStaff.requireStaff(storeId);
  return readStatement(accountIdOf(storePayable(storeId, currencyCode)), request, deps);
}

/** Reads an account with a page of its statement. @throws DomainError `not-found` (ACCOUNT_NOT_FOUND). */
export async function readAccountStatement(
  accountId: string,
  request: StatementRequest,
  deps: StatementDeps,
): Promise<Statement & { readonly account: AccountBalance }> {
  const account = await deps.statements.find(accountId);
  if (!account) throw new DomainError('not-found', 'ACCOUNT_NOT_FOUND', 'There is no such account.');
  return { account, ...(await readStatement(accountId, request, deps)) };
}
