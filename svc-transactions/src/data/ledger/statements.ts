import type { AccountBalance } from '../../domain/ledger/account.ts';
import type { StatementEntry, Statements } from '../../domain/ledger/statement.ts';
import { readId, readTime, writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';
import { type AccountRow, toAccount } from './rows.ts';
import { settle } from './settle.ts';

const accounts = (where: string) => `SELECT account_id, owner, purpose, currency_code,
  CAST(SUM(posted_minor) AS CHAR) AS posted, CAST(SUM(pending_debits_minor) AS CHAR) AS debits,
  CAST(SUM(pending_credits_minor) AS CHAR) AS credits
  FROM ledger_balances WHERE ${where} GROUP BY account_id, owner, purpose, currency_code ORDER BY purpose, currency_code`;
const OF_OWNER = accounts('owner = ?');
const BY_ID = accounts('account_id = ?');
export const BALANCE_BEFORE = `SELECT CAST(COALESCE(SUM(amount_minor), 0) AS CHAR) AS balance FROM ledger_postings
  WHERE account_id = ? AND create_time < ?`;
export const ENTRIES = `SELECT p.transfer_id, p.line, CAST(p.amount_minor AS CHAR) AS amount, p.create_time, t.kind,
  t.reference_prefix, t.reference_id
  FROM ledger_postings p JOIN ledger_transfers t ON t.transfer_id = p.transfer_id
  WHERE p.account_id = ? AND p.create_time >= ? AND p.create_time < ?
    AND (p.create_time > ? OR (p.create_time = ? AND (p.transfer_id > ? OR (p.transfer_id = ? AND p.line > ?))))
  ORDER BY p.create_time, p.transfer_id, p.line LIMIT ?`;
const EARLIEST = new Date(0);
const FIRST_ID = Buffer.alloc(16);

interface BalanceRow extends AccountRow {
  readonly account_id: Buffer;
  readonly posted: string;
  readonly debits: string;
  readonly credits: string;
}

interface EntryRow {
  readonly transfer_id: Buffer;
  readonly line: number;
  readonly amount: string;
  readonly create_time: string;
  readonly kind: string;
  readonly reference_prefix: string;
  readonly reference_id: Buffer;
}

/** Accounts and their statements in MySQL. */
export function createStatements(orm: Orm): Statements {
  const { em } = orm;
  return {
    settle: (accountId) => settle(orm, accountId),
    list: async (owner) => (await em.execute<BalanceRow[]>(OF_OWNER, [owner])).map(toBalance),
    find: async (accountId) => {
      const [row] = await em.execute<BalanceRow[]>(BY_ID, [writeId('acct', accountId)]);
      return row && toBalance(row);
    },
    entries: async (accountId, { from, to }, after, limit) => {
      const [time, id] = after ? [after.createTime, writeId('xfer', after.transferId)] : [EARLIEST, FIRST_ID];
      const begin = after && after.createTime > from ? after.createTime : from;
      const position = [time, time, id, id, after?.line ?? 0];
      const rows = await em.execute<EntryRow[]>(ENTRIES, [writeId('acct', accountId), begin, to, ...position, limit]);
      return rows.map(toEntry);
    },
    balanceBefore: async (accountId, time) => {
      const [row] = await em.execute<{ balance: string }[]>(BALANCE_BEFORE, [writeId('acct', accountId), time]);
      return BigInt(row?.balance ?? 0);
    },
  };
}

function toBalance(row: BalanceRow): AccountBalance {
  return {
    ...toAccount(row),
    accountId: readId('acct', row.account_id),
    postedMinor: BigInt(row.posted),
    pendingDebitsMinor: BigInt(row.debits),
    pendingCreditsMinor: BigInt(row.credits),
  };
}

function toEntry(row: EntryRow): StatementEntry {
  return {
    transferId: readId('xfer', row.transfer_id),
    line: row.line,
    amountMinor: BigInt(row.amount),
    kind: row.kind,
    reference: readId(row.reference_prefix, row.reference_id),
    createTime: readTime(row.create_time),
  };
}
