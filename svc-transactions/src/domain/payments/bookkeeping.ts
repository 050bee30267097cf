import { DomainError } from '@malla/chassis/errors';
import { plus } from '../clock.ts';
import { transferIdOf } from '../ids.ts';
import type { Account, Purpose } from '../ledger/account.ts';
import type { Ledger } from '../ledger/transfer.ts';
import type { Payment, Refund } from './payment.ts';

/** Payments say when an authorisation ends. Should one forget, the ledger lets go by itself, later. */
const PENDING_GRACE_MS = 30 * 86_400_000;
const BASIS_POINTS = 10_000n;

/** What each event of a payment does to the ledger. Repeated, it has no second effect: transfer ids follow from the event. */
export interface Bookkeeping {
  authorised(payment: Payment, expireTime: Date): Promise<void>;
  captured(payment: Payment, amountMinor: bigint): Promise<void>;
  released(payment: Payment): Promise<void>;
  refundBegun(payment: Payment, refund: Refund): Promise<void>;
  refundPaid(payment: Payment, refund: Refund): Promise<void>;
  refundFailed(payment: Payment, refund: Refund): Promise<void>;
  /** What was paid back comes back. */
  refundReturned(payment: Payment, refund: Refund): Promise<void>;
  disputeOpened(payment: Payment, disputeId: string, amountMinor: bigint): Promise<void>;
  disputeWon(payment: Payment, disputeId: string, amountMinor: bigint): Promise<void>;
  disputeLost(payment: Payment, disputeId: string, amountMinor: bigint): Promise<void>;
}

export function createBookkeeping(ledger: Ledger, provider: string, feeBasisPoints: number): Bookkeeping {
  const move = (payment: Payment, kind: string, parts: string[], from: Account, to: Account, amountMinor: bigint) =>
    ledger.post({
      transferId: transferIdOf(payment.paymentId, [kind, ...parts]),
      kind,
      reference: payment.paymentId,
      postings: [
        { account: from, amountMinor: -amountMinor },
        { account: to, amountMinor },
      ],
    });
  const holdId = ({ paymentId }: Payment) => transferIdOf(paymentId, ['authorise']);
  const clearing = (payment: Payment) => accountOf(payment, 'provider-clearing', provider);
  return {
    authorised: (payment, expireTime) =>
      ledger.pend({
        transferId: holdId(payment),
        kind: 'authorise',
        reference: payment.paymentId,
        debit: accountOf(payment, 'customer-receivable'),
        credit: accountOf(payment, 'store-payable'),
        amountMinor: payment.amountMinor,
        expireTime: plus(expireTime, PENDING_GRACE_MS),
      }),
    captured: async (payment, amountMinor) => {
      const [receivable, payable] = [accountOf(payment, 'customer-receivable'), accountOf(payment, 'store-payable')];
      const end = {
        transferId: transferIdOf(payment.paymentId, ['capture']),
        pendingId: holdId(payment),
        kind: 'capture',
      };
      // The money was taken: when the pending transfer is gone nevertheless, it is posted without.
      await ledger.postPending(end, amountMinor).catch(async (error: unknown) => {
        if (!isEnded(error)) throw error;
        await move(payment, 'capture', [], receivable, payable, amountMinor);
      });
      await move(payment, 'settlement', [], clearing(payment), receivable, amountMinor);
      const fee = (amountMinor * BigInt(feeBasisPoints)) / BASIS_POINTS;
      if (fee > 0n) await move(payment, 'fee', [], payable, accountOf(payment, 'fees', 'malla'), fee);
    },
    released: (payment) => {
      const end = {
        transferId: transferIdOf(payment.paymentId, ['release']),
        pendingId: holdId(payment),
        kind: 'release',
      };
      return ledger.voidPending(end).catch((error: unknown) => {
        if (!isEnded(error)) throw error;
      });
    },
    refundBegun: (payment, { refundId, amountMinor }) => {
      const [payable, refunds] = [accountOf(payment, 'store-payable'), accountOf(payment, 'refunds')];
      return move(payment, 'refund-begun', [refundId], payable, refunds, amountMinor);
    },
    refundPaid: (payment, { refundId, amountMinor }) =>
      move(payment, 'refund', [refundId], accountOf(payment, 'refunds'), clearing(payment), amountMinor),
    refundFailed: (payment, { refundId, amountMinor }) => {
      const [payable, refunds] = [accountOf(payment, 'store-payable'), accountOf(payment, 'refunds')];
      return move(payment, 'refund-failed', [refundId], refunds, payable, amountMinor);
    },
    refundReturned: (payment, { refundId, amountMinor }) =>
      move(payment, 'refund-returned', [refundId], clearing(payment), accountOf(payment, 'store-payable'), amountMinor),
    disputeOpened: (payment, disputeId, amountMinor) => {
      const [payable, disputes] = [accountOf(payment, 'store-payable'), accountOf(payment, 'disputes')];
      return move(payment, 'dispute-opened', [disputeId], payable, disputes, amountMinor);
    },
    disputeWon: (payment, disputeId, amountMinor) => {
      const [payable, disputes] = [accountOf(payment, 'store-payable'), accountOf(payment, 'disputes')];
      return move(payment, 'dispute-won', [disputeId], disputes, payable, amountMinor);
    },
    disputeLost: (payment, disputeId, amountMinor) =>
      move(payment, 'dispute-lost', [disputeId], accountOf(payment, 'disputes'), clearing(payment), amountMinor),
  };
}

function accountOf({ userId, storeId, currencyCode }: Payment, purpose: Purpose, owner?: string): Account {
  return { owner: owner ?? (purpose === 'customer-receivable' ? userId : storeId), purpose, currencyCode };
}

function isEnded(error: unknown): boolean {
  return error instanceof DomainError && error.reason === 'PENDING_TRANSFER_ENDED';
}
