import { transferIdOf } from '../../../domain/ids.ts';
import { type Account, accountIdOf } from '../../../domain/ledger/account.ts';
import { holdOf, sharesOf } from '../../../domain/ledger/payment-money.ts';
import type { FaultKind, Faults } from '../../../domain/ledger/verify.ts';
import { readId, writeId } from '../../columns.ts';
import type { Orm } from '../../orm.ts';
import { type AccountRow, toAccount } from '../rows.ts';
import { type PaymentParts, paymentPages } from './payment-page.ts';

const READ_ACCOUNT = 'SELECT owner, purpose, currency_code FROM ledger_balances WHERE account_id = ? LIMIT 1';
/** Between the two accounts of what is held. */
const TO = ' to ';

/** Amounts in minor units, by the ids of what they are of: one account, or two with what is held between them. */
type Amounts = ReadonlyMap<string, bigint>;
/** The same, with how people call it. */
type Wanted = ReadonlyMap<string, { readonly name: string; readonly amountMinor: bigint }>;

/** Looks whether each payment's money is where the payment, its refunds and its disputes say, and nowhere else. */
export async function verifyPayments(
  em: Orm['em'],
  provider: string,
  faults: Faults,
  signal?: AbortSignal,
): Promise<void> {
  for await (const page of paymentPages(em)) {
    signal?.throwIfAborted();
    for (const parts of page) {
      verifyRecord(parts, faults);
      await compare(em, 'payment', parts, sharesWanted(parts, provider), sharesThere(parts), faults);
      await compare(em, 'hold', parts, holdWanted(parts), holdsThere(parts), faults);
    }
  }
}

/** What a payment says of its refunds and disputes follows from those. */
function verifyRecord({ payment, refunds, disputes }: PaymentParts, faults: Faults): void {
  const { paymentId: subject, state, capturedMinor } = payment;
  const counts: [detail: string, expectedMinor: bigint, actualMinor: bigint][] = [
    ['captured', state === 'captured' ? capturedMinor : 0n, capturedMinor],
    ['refunded', sumOf(refunds, 'succeeded'), payment.refundedMinor],
    ['refunds pending', sumOf(refunds, 'pending'), payment.refundsPendingMinor],
    ['lost', sumOf(disputes, 'lost'), payment.lostMinor],
  ];
  for (const [detail, expectedMinor, actualMinor] of counts)
    if (expectedMinor !== actualMinor) faults.add({ kind: 'record', subject, expectedMinor, actualMinor, detail });
}

function sharesWanted({ payment, fees, disputes }: PaymentParts, provider: string): Wanted {
  // What Malla keeps is configuration, and changes: a payment has one fee, whatever that is.
  const feeId = fees.length > 0 && transferIdOf(payment.paymentId, ['fee']);
  const fee = fees.find(({ transfer_id: id }) => readId('xfer', id) === feeId);
  const beside = { feeMinor: BigInt(fee?.amount ?? 0), disputedMinor: sumOf(disputes, 'opened') };
  return wanted(
    sharesOf(payment, beside, provider).map(({ account, amountMinor }) => ({ accounts: [account], amountMinor })),
  );
}

function sharesThere({ money }: PaymentParts): Amounts {
  return new Map(money.map(({ account_id: id, amount }) => [readId('acct', id), BigInt(amount)]));
}

function holdWanted({ payment, isLetGo }: PaymentParts): Wanted {
  const hold = isLetGo ? undefined : holdOf(payment);
  return wanted(hold ? [{ accounts: [hold.debit, hold.credit], amountMinor: hold.amountMinor }] : []);
}

function wanted(amounts: readonly { readonly accounts: readonly Account[]; readonly amountMinor: bigint }[]): Wanted {
  return new Map(
    amounts.map(({ accounts, amountMinor }) => [
      accounts.map(accountIdOf).join(TO),
      { name: accounts.map(named).join(TO), amountMinor },
    ]),
  );
}

function holdsThere({ holds }: PaymentParts): Amounts {
  return new Map(
    holds.map(({ debit_account_id: debit, credit_account_id: credit, amount }) => [
      [debit, credit].map((id) => readId('acct', id)).join(TO),
      BigInt(amount),
    ]),
  );
}

async function compare(
  em: Orm['em'],
  kind: FaultKind,
  { payment: { paymentId: subject } }: PaymentParts,
  due: Wanted,
  there: Amounts,
  faults: Faults,
): Promise<void> {
  for (const key of new Set([...due.keys(), ...there.keys()])) {
    const [expectedMinor, actualMinor] = [due.get(key)?.amountMinor ?? 0n, there.get(key) ?? 0n];
    if (expectedMinor === actualMinor || faults.isFull(kind)) continue;
    const detail = due.get(key)?.name ?? (await nameOf(em, key));
    faults.add({ kind, subject, expectedMinor, actualMinor, detail });
  }
}

/** What the ledger calls accounts. One without a balance is known by its id alone. */
async function nameOf(em: Orm['em'], key: string): Promise<string> {
  const names: string[] = [];
  for (const id of key.split(TO)) {
    const [row] = await em.execute<AccountRow[]>(READ_ACCOUNT, [writeId('acct', id)]);
    names.push(row ? named(toAccount(row)) : id);
  }
  return names.join(TO);
}

function named({ purpose, owner, currencyCode }: Account): string {
  return `${purpose} of ${owner} in ${currencyCode}`;
}

function sumOf(sums: readonly { readonly state: string; readonly amount: string }[], state: string): bigint {
  return BigInt(sums.find((sum) => sum.state === state)?.amount ?? 0);
}
