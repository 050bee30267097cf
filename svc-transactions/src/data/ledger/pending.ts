import { accountIdOf } from '../../domain/ledger/account.ts';
import type { PendingTransfer } from '../../domain/ledger/transfer.ts';
import { readId, writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';
import { type AccountRow, toAccount } from './rows.ts';

/** A pending transfer as it was begun. */
export type Pending = Pick<PendingTransfer, 'transferId' | 'debit' | 'credit' | 'amountMinor' | 'reference'>;

const INSERT = `INSERT INTO ledger_pending (transfer_id, debit_account_id, credit_account_id, amount_minor, expire_time)
  VALUES (?, ?, ?, ?, ?)`;
const INSERT_OPEN = 'INSERT INTO ledger_open_pending (transfer_id, expire_time) VALUES (?, ?)';
const LOCK = 'SELECT transfer_id FROM ledger_open_pending WHERE transfer_id = ? FOR UPDATE';
export const LOCK_EXPIRED = `SELECT transfer_id FROM ledger_open_pending WHERE expire_time <= ?
  ORDER BY expire_time LIMIT 1 FOR UPDATE SKIP LOCKED`;
const READ = `SELECT CAST(p.amount_minor AS CHAR) AS amount, t.reference_prefix, t.reference_id
  FROM ledger_pending p
  JOIN ledger_transfers t ON t.transfer_id = p.transfer_id WHERE p.transfer_id = ?`;
const readAccount = (column: string) => `SELECT owner, purpose, currency_code FROM ledger_balances
  WHERE account_id = (SELECT ${column} FROM ledger_pending WHERE transfer_id = ?) LIMIT 1`;
const READ_ACCOUNT = { debit: readAccount('debit_account_id'), credit: readAccount('credit_account_id') };

interface PendingRow {
  readonly amount: string;
  readonly reference_prefix: string;
  readonly reference_id: Buffer;
}

export async function insertPending({ em }: Orm, transfer: PendingTransfer): Promise<void> {
  const { transferId, debit, credit, amountMinor, expireTime } = transfer;
  const [id, from, to] = [writeId('xfer', transferId), accountIdOf(debit), accountIdOf(credit)];
  await em.execute(INSERT, [id, writeId('acct', from), writeId('acct', to), amountMinor, expireTime]);
  await em.execute(INSERT_OPEN, [id, expireTime]);
}

/** Reads a pending transfer, whether it has ended or not. */
export async function findPending({ em }: Orm, transferId: string): Promise<Pending | undefined> {
  const id = writeId('xfer', transferId);
  const [row] = await em.execute<PendingRow[]>(READ, [id]);
  if (!row) return undefined;
  const account = async (side: 'debit' | 'credit') => {
    const [found] = await em.execute<AccountRow[]>(READ_ACCOUNT[side], [id]);
    if (!found) throw new Error('a pending transfer has an account without a balance');
    return toAccount(found);
  };
  const [debit, credit] = [await account('debit'), await account('credit')];
  return {
    transferId,
    reference: readId(row.reference_prefix, row.reference_id),
    amountMinor: BigInt(row.amount),
    debit,
    credit,
  };
}

/** Locks a pending transfer. @returns false when it has ended or never was. */
export async function lockOpen({ em }: Orm, transferId: string): Promise<boolean> {
  return (await em.execute<unknown[]>(LOCK, [writeId('xfer', transferId)])).length > 0;
}

/** Locks the open transfer that expired first and that nobody else has locked. @returns its id. */
export async function lockExpired({ em }: Orm, now: Date): Promise<string | undefined> {
  const [row] = await em.execute<{ transfer_id: Buffer }[]>(LOCK_EXPIRED, [now]);
  return row && readId('xfer', row.transfer_id);
}

/** Says that a pending transfer has ended. */
export async function close({ em }: Orm, transferId: string): Promise<void> {
  await em.execute('DELETE FROM ledger_open_pending WHERE transfer_id = ?', [writeId('xfer', transferId)]);
}
