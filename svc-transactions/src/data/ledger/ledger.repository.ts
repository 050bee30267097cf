import type { Clock } from '../../domain/clock.ts';
import { derivedId } from '../../domain/ids.ts';
import {
  checkAmount,
  checkTransfer,
  type Ledger,
  type PendingEnd,
  type PendingTransfer,
  pendingEnded,
  postingsOf,
  type Transfer,
} from '../../domain/ledger/transfer.ts';
import { writeId } from '../columns.ts';
import type { Orm } from '../orm.ts';
import { changeBalances } from './balances.ts';
import { close, findPending, insertPending, lockExpired, lockOpen, type Pending } from './pending.ts';
import { insertPostings, insertTransfer, isKnown, type TransferRecord } from './transfers.ts';

/**
 * The ledger in MySQL. Balances come near the end, in the order of their keys: they are what others wait for, and are locked for
 * little longer than the commit takes. Postings come after them: the lock of the balance is what makes their time final.
 */
export function createLedger(orm: Orm, clock: Clock): Ledger {
  return {
    post: (transfer) => post(orm, transfer, clock.now()),
    pend: (transfer) => pend(orm, transfer, clock.now()),
    postPending: (end, amountMinor) => postOpen(orm, end, amountMinor, clock.now()),
    voidPending: (end) => voidOpen(orm, end, clock.now()),
    expireOne: async (now) => {
      const pendingId = await lockExpired(orm, now);
      if (pendingId === undefined) return false;
      await voidOpen(orm, { transferId: derivedId('xfer', [pendingId, 'expired']), pendingId, kind: 'expired' }, now);
      return true;
    },
  };
}

async function post(orm: Orm, transfer: Transfer, now: Date): Promise<void> {
  checkTransfer(transfer);
  const { transferId, postings } = transfer;
  if (!(await insertTransfer(orm, { ...transfer, type: 'post' }, now))) return;
  const changes = postings.map(({ account, amountMinor }) => ({ account, postedMinor: amountMinor }));
  await changeBalances(orm, writeId('xfer', transferId), changes);
  await insertPostings(orm, transferId, postings);
}

async function pend(orm: Orm, transfer: PendingTransfer, now: Date): Promise<void> {
  const { transferId, kind, reference, debit, credit, amountMinor } = transfer;
  const postings = postingsOf(transfer, amountMinor);
  checkAmount(amountMinor);
  checkTransfer({ postings });
  if (!(await insertTransfer(orm, { transferId, kind, reference, postings, type: 'pend' }, now))) return;
  await insertPending(orm, transfer);
  await changeBalances(orm, writeId('xfer', transferId), [
    { account: debit, pendingDebitsMinor: amountMinor },
    { account: credit, pendingCreditsMinor: amountMinor },
  ]);
}

async function postOpen(orm: Orm, end: PendingEnd, amount: bigint | undefined, now: Date): Promise<void> {
  const isOpen = await lockOpen(orm, end.pendingId);
  const pending = await pendingOf(orm, end);
  const amountMinor = amount ?? pending.amountMinor;
  checkAmount(amountMinor, pending.amountMinor);
  const postings = postingsOf(pending, amountMinor);
  const record: TransferRecord = { ...end, type: 'post-pending', reference: pending.reference, postings };
  if (!isOpen) return checkEndedAlike(orm, record);
  await insertTransfer(orm, record, now);
  await close(orm, end.pendingId);
  await changeBalances(orm, writeId('xfer', end.pendingId), [
    { account: pending.debit, postedMinor: -amountMinor, pendingDebitsMinor: -pending.amountMinor },
    { account: pending.credit, postedMinor: amountMinor, pendingCreditsMinor: -pending.amountMinor },
  ]);
  await insertPostings(orm, end.transferId, postings);
}

async function voidOpen(orm: Orm, end: PendingEnd, now: Date): Promise<void> {
  const isOpen = await lockOpen(orm, end.pendingId);
  const pending = await pendingOf(orm, end);
  const record: TransferRecord = { ...end, type: 'void-pending', reference: pending.reference, postings: [] };
  if (!isOpen) return checkEndedAlike(orm, record);
  await insertTransfer(orm, record, now);
  await close(orm, end.pendingId);
  await changeBalances(orm, writeId('xfer', end.pendingId), [
    { account: pending.debit, pendingDebitsMinor: -pending.amountMinor },
    { account: pending.credit, pendingCreditsMinor: -pending.amountMinor },
  ]);
}

async function pendingOf(orm: Orm, { pendingId }: PendingEnd): Promise<Pending> {
  const pending = await findPending(orm, pendingId);
  if (!pending) throw pendingEnded();
  return pending;
}

/** What has ended by the same transfer is not ended again; by any other, it is too late. */
async function checkEndedAlike(orm: Orm, record: TransferRecord): Promise<void> {
  if (!(await isKnown(orm, record))) throw pendingEnded();
}
