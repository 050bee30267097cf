import {
  type Account as AccountMessage,
  type StatementEntry as EntryMessage,
  LedgerFaultKind as FaultKindMessage,
  type LedgerFault as FaultMessage,
  AccountPurpose as PurposeMessage,
} from '@malla/proto/malla/transactions/v1/ledger';
import type { PageTokens } from '../crypto/page-tokens.ts';
import type { AccountBalance, Purpose } from '../domain/ledger/account.ts';
import type { EntryPosition, Statement, StatementEntry, StatementRequest } from '../domain/ledger/statement.ts';
import type { FaultKind, LedgerFault } from '../domain/ledger/verify.ts';

const PURPOSES: Readonly<Record<Purpose, PurposeMessage>> = {
  'customer-receivable': PurposeMessage.CUSTOMER_RECEIVABLE,
  'store-payable': PurposeMessage.STORE_PAYABLE,
  'provider-clearing': PurposeMessage.PROVIDER_CLEARING,
  fees: PurposeMessage.FEES,
  refunds: PurposeMessage.REFUNDS,
  disputes: PurposeMessage.DISPUTES,
};

const FAULT_KINDS: Readonly<Record<FaultKind, FaultKindMessage>> = {
  'currency-sum': FaultKindMessage.CURRENCY_SUM,
  'transfer-sum': FaultKindMessage.TRANSFER_SUM,
  balance: FaultKindMessage.BALANCE,
  pending: FaultKindMessage.PENDING,
  floor: FaultKindMessage.FLOOR,
  payment: FaultKindMessage.PAYMENT,
  hold: FaultKindMessage.HOLD,
  record: FaultKindMessage.RECORD,
  transfer: FaultKindMessage.TRANSFER,
};

export function toAccountMessage({
  accountId,
  owner,
  purpose,
  currencyCode,
  ...amounts
}: AccountBalance): AccountMessage {
  return {
    accountId,
    owner,
    purpose: PURPOSES[purpose],
    posted: { currencyCode, amountMinor: amounts.postedMinor },
    pendingDebits: { currencyCode, amountMinor: amounts.pendingDebitsMinor },
    pendingCredits: { currencyCode, amountMinor: amounts.pendingCreditsMinor },
  };
}

/** What the two statements answer alike. */
export function toStatementMessage({ entries, openingMinor, closingMinor }: Statement, currencyCode: string) {
  return {
    entries: entries.map((entry) => toEntryMessage(entry, currencyCode)),
    openingBalance: { currencyCode, amountMinor: openingMinor },
    closingBalance: { currencyCode, amountMinor: closingMinor },
  };
}

function toEntryMessage({ amountMinor, ...entry }: StatementEntry, currencyCode: string): EntryMessage {
  const { transferId, line, kind, reference, createTime } = entry;
  return { transferId, line, kind, reference, createTime, amount: { currencyCode, amountMinor } };
}

export function toFaultMessage({ kind, ...fault }: LedgerFault): FaultMessage {
  return { ...fault, kind: FAULT_KINDS[kind] };
}

/** What of a request says which part of a statement is wanted. */
interface PeriodMessage {
  readonly fromTime?: Date | undefined;
  readonly toTime?: Date | undefined;
  readonly pageSize: number;
  readonly pageToken: string;
}

/** The list that page tokens of a statement belong to. */
export function statementList(account: string, { fromTime, toTime }: PeriodMessage): readonly unknown[] {
  return ['statement', account, fromTime?.getTime(), toTime?.getTime()];
}

/** @throws DomainError `invalid` (PAGE_TOKEN_INVALID). */
export function toStatementRequest(
  list: readonly unknown[],
  { fromTime, toTime, pageSize, pageToken }: PeriodMessage,
  tokens: PageTokens,
): StatementRequest {
  const [time, transferId, line] = tokens.read(list, pageToken);
  const after: EntryPosition | undefined =
    transferId === undefined ? undefined : { createTime: new Date(String(time)), transferId, line: Number(line) };
  return { fromTime, toTime, pageSize, after };
}

/** The position of the next page; of undefined parts when there is none. */
export function positionOf(next: EntryPosition | undefined): readonly (string | undefined)[] {
  return [next?.createTime.toISOString(), next?.transferId, next?.line.toString()];
}
