import { createHash } from 'node:crypto';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { accountIdOf } from '../../domain/ledger/account.ts';
import { type Posting, transferMismatch } from '../../domain/ledger/transfer.ts';
import { splitId, writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';

export type TransferType = 'post' | 'pend' | 'post-pending' | 'void-pending';

/** A transfer as it is remembered. */
export interface TransferRecord {
  readonly transferId: string;
  readonly type: TransferType;
  readonly kind: string;
  readonly reference: string;
  readonly pendingId?: string;
  readonly postings: readonly Posting[];
}

const INSERT = `INSERT INTO ledger_transfers
  (transfer_id, type, kind, reference_prefix, reference_id, pending_id, content_hash, create_time)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const FIND = 'SELECT content_hash FROM ledger_transfers WHERE transfer_id = ?';
const INSERT_POSTINGS = 'INSERT INTO ledger_postings (transfer_id, line, account_id, amount_minor, create_time) VALUES';

/**
 * Whether a transfer was written before.
 * @throws DomainError `already-exists` (TRANSFER_MISMATCH) when its id is that of another one.
 */
export async function isKnown({ em }: Orm, record: TransferRecord): Promise<boolean> {
  const [row] = await em.execute<{ content_hash: Buffer }[]>(FIND, [writeId('xfer', record.transferId)]);
  if (!row) return false;
  if (row.content_hash.equals(contentHash(record))) return true;
  throw transferMismatch();
}

/**
 * Writes a transfer, once.
 * @returns false when it was written before; whoever writes it at the same time is waited for.
 * @throws DomainError `already-exists` (TRANSFER_MISMATCH).
 */
export async function insertTransfer(orm: Orm, record: TransferRecord, now: Date): Promise<boolean> {
  const { transferId, type, kind, reference, pendingId } = record;
  const pending = pendingId === undefined ? null : writeId('xfer', pendingId);
  const values = [writeId('xfer', transferId), type, kind, ...splitId(reference), pending, contentHash(record), now];
  try {
    await orm.em.execute(INSERT, values);
    return true;
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    if (await isKnown(orm, record)) return false;
    throw error;
  }
}

/**
 * Writes what a transfer does to each account, at the database's time. The rows of the balances are locked by then: whoever
 * locks one later comes later, and a statement that has had them all knows each posting of before.
 */
export async function insertPostings({ em }: Orm, transferId: string, postings: readonly Posting[]) {
  const id = writeId('xfer', transferId);
  const rows = postings.map(({ account, amountMinor }, line) => {
    return [id, line, writeId('acct', accountIdOf(account)), amountMinor];
  });
  const places = rows.map(() => '(?,?,?,?,UTC_TIMESTAMP(3))').join(',');
  await em.execute(`${INSERT_POSTINGS} ${places}`, rows.flat());
}

function contentHash({ postings, ...record }: Omit<TransferRecord, 'transferId'>): Buffer {
  return hashOf(
    record,
    postings.map(({ account, amountMinor }) => [accountIdOf(account), amountMinor.toString()]),
  );
}

/** What a transfer is known by: a hash of all that it says. @param lines the account and the amount of each posting. */
export function hashOf(
  { type, kind, reference, pendingId = '' }: Omit<TransferRecord, 'transferId' | 'postings'>,
  lines: readonly (readonly [accountId: string, amountMinor: string])[],
): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([type, kind, reference, pendingId, lines]))
    .digest();
}
