import { type Account, accountIdOf, PURPOSES } from '../../domain/ledger/account.ts';
import { balanceInsufficient } from '../../domain/ledger/transfer.ts';
import { writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';
import { type BalanceChange, inLockOrder, rowOf } from './rows.ts';

const COLUMNS = `account_id, shard, owner, purpose, currency_code, posted_minor, pending_debits_minor,
  pending_credits_minor`;
const ADD = `AS new ON DUPLICATE KEY UPDATE
  posted_minor = ledger_balances.posted_minor + new.posted_minor,
  pending_debits_minor = ledger_balances.pending_debits_minor + new.pending_debits_minor,
  pending_credits_minor = ledger_balances.pending_credits_minor + new.pending_credits_minor`;
const AVAILABLE = `SELECT CAST(posted_minor - pending_debits_minor AS CHAR) AS available FROM ledger_balances
  WHERE account_id = ? AND shard = 0`;

/**
 * Changes balances by what a transfer does, in one statement, and makes the rows that are not there yet. The rows stay locked
 * until the transaction ends: whoever calls this does little after it.
 * @throws DomainError `precondition` (BALANCE_INSUFFICIENT) when an account is below its floor then.
 */
export async function changeBalances(
  { em }: Orm,
  transferId: Buffer,
  changes: readonly BalanceChange[],
): Promise<void> {
  const rows = changes
    .map((change) => ({ ...rowOf(change.account, transferId), change }))
    .sort(inLockOrder)
    .map(({ accountId, shard, change: { account, postedMinor, pendingDebitsMinor, pendingCreditsMinor } }) => [
      accountId,
      shard,
      account.owner,
      account.purpose,
      account.currencyCode,
      postedMinor ?? 0n,
      pendingDebitsMinor ?? 0n,
      pendingCreditsMinor ?? 0n,
    ]);
  const places = rows.map(() => '(?,?,?,?,?,?,?,?)').join(',');
  await em.execute(`INSERT INTO ledger_balances (${COLUMNS}) VALUES ${places} ${ADD}`, rows.flat());
  for (const change of changes) if (takes(change)) await checkFloor(em, change.account);
}

function takes({ postedMinor = 0n, pendingDebitsMinor = 0n }: BalanceChange): boolean {
  return postedMinor - pendingDebitsMinor < 0n;
}

/** The row is locked by then: nobody else changes what is read here. */
async function checkFloor(em: Orm['em'], account: Account): Promise<void> {
  const { floorMinor } = PURPOSES[account.purpose];
  if (floorMinor === undefined) return;
  const [row] = await em.execute<{ available: string }[]>(AVAILABLE, [writeId('acct', accountIdOf(account))]);
  if (BigInt(row?.available ?? 0) < floorMinor) throw balanceInsufficient();
}
