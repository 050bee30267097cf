import { DomainError } from '@malla/chassis/errors';
import { type Account, accountIdOf } from './account.ts';

/** What a transfer does to one account: a credit is positive, a debit negative. */
export interface Posting {
  readonly account: Account;
  readonly amountMinor: bigint;
}

/** A balanced set of postings, written together or not at all. */
export interface Transfer {
  /** Used once: again with the same content it has no second effect. */
  readonly transferId: string;
  /** Why: `capture`, `refund`. */
  readonly kind: string;
  /** What for: the TypeID of a payment. */
  readonly reference: string;
  readonly postings: readonly Posting[];
}

/** A transfer from one account to another that is decided later. */
export interface PendingTransfer {
  readonly transferId: string;
  readonly kind: string;
  readonly reference: string;
  readonly debit: Account;
  readonly credit: Account;
  readonly amountMinor: bigint;
  /** When it is voided unless it has ended before. */
  readonly expireTime: Date;
}

/** How a pending transfer ends. */
export interface PendingEnd {
  readonly transferId: string;
  readonly pendingId: string;
  readonly kind: string;
}

/** Far above what anybody pays, and far below what a balance can hold. */
export const AMOUNT_MINOR_MAX = 10n ** 15n;

/** The ledger. Every method works within the transaction of whoever calls it, and throws before it has written anything wrong. */
export interface Ledger {
  /**
   * Posts a transfer.
   * @throws DomainError `invalid` (TRANSFER_INVALID), `already-exists` (TRANSFER_MISMATCH) for an id that another transfer has,
   *   `precondition` (BALANCE_INSUFFICIENT) when an account would fall below its floor.
   */
  post(transfer: Transfer): Promise<void>;
  /** Begins a transfer. @throws as `post` does. */
  pend(transfer: PendingTransfer): Promise<void>;
  /**
   * Posts a pending transfer, whole or in part; the rest is let go.
   * @param amountMinor from 1 to the pending amount. Default: all of it.
   * @throws as `post` does, and DomainError `precondition` (PENDING_TRANSFER_ENDED).
   */
  postPending(end: PendingEnd, amountMinor?: bigint): Promise<void>;
  /** Lets a pending transfer go. @throws DomainError `precondition` (PENDING_TRANSFER_ENDED). */
  voidPending(end: PendingEnd): Promise<void>;
  /** Voids the pending transfer that expired first, passing over those that others have locked. @returns whether there was one. */
  expireOne(now: Date): Promise<boolean>;
}

/** @throws DomainError `invalid` (TRANSFER_INVALID). */
export function checkTransfer({ postings }: Pick<Transfer, 'postings'>): void {
  if (postings.length < 2) throw invalid('A transfer has two postings or more.');
  const amounts = postings.map(({ amountMinor }) => amountMinor);
  if (amounts.some((amount) => amount === 0n || amount > AMOUNT_MINOR_MAX || amount < -AMOUNT_MINOR_MAX))
    throw invalid('An amount is zero or too large.');
  const accounts = new Set(postings.map(({ account }) => accountIdOf(account)));
  if (accounts.size < postings.length) throw invalid('A transfer names each account once.');
  if (new Set(postings.map(({ account }) => account.currencyCode)).size > 1)
    throw invalid('A transfer has one currency.');
  if (amounts.reduce((sum, amount) => sum + amount, 0n) !== 0n) throw invalid('The postings do not add up to zero.');
}

/** @throws DomainError `invalid` (TRANSFER_INVALID) when an amount is not from 1 to `maxMinor`. */
export function checkAmount(amountMinor: bigint, maxMinor = AMOUNT_MINOR_MAX): void {
  if (amountMinor < 1n || amountMinor > maxMinor) throw invalid('The amount is too small or too large.');
}

/** The postings that a pending transfer will have. */
export function postingsOf(
  { debit, credit }: Pick<PendingTransfer, 'debit' | 'credit'>,
  amountMinor: bigint,
): readonly [Posting, Posting] {
  return [
    { account: debit, amountMinor: -amountMinor },
    { account: credit, amountMinor },
  ];
}

export function transferMismatch(): DomainError {
  return new DomainError('already-exists', 'TRANSFER_MISMATCH', 'The id was used for another transfer.');
}

export function pendingEnded(): DomainError {
  return new DomainError('precondition', 'PENDING_TRANSFER_ENDED', 'The transfer is not pending any more.');
}

export function balanceInsufficient(): DomainError {
  return new DomainError('precondition', 'BALANCE_INSUFFICIENT', 'The account would fall below what it may.');
}

function invalid(message: string): DomainError {
  return new DomainError('invalid', 'TRANSFER_INVALID', message);
}
