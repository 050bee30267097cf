import type { Databases } from '../databases.ts';
import type { Market } from '../market.ts';
import type { PaymentRecord } from '../records.ts';

/** What Malla keeps of a capture in the local mesh, rounded down. */
const FEE_BASIS_POINTS = 250;
const BALANCES = `SELECT owner, purpose, CAST(SUM(posted_minor) AS SIGNED) AS posted,
    CAST(SUM(pending_debits_minor + pending_credits_minor) AS SIGNED) AS pending
  FROM ledger_balances GROUP BY owner, purpose`;

interface Balance {
  readonly owner: string;
  readonly purpose: string;
  readonly posted: number;
  readonly pending: number;
}

/** Each store is owed what was captured for it, less refunds, disputes and fees; no customer owes, and nothing is pending. */
export async function ledgerFaults(
  { transactions }: Databases,
  payments: readonly PaymentRecord[],
  { stores }: Market,
): Promise<string[]> {
  const balances = await transactions.rows<Balance>(BALANCES);
  const posted = new Map(balances.map((balance) => [`${balance.owner} ${balance.purpose}`, balance.posted]));
  const wanted = [
    ...stores.flatMap(({ storeId }) => ofStore(storeId, payments)),
    ['sandbox provider-clearing', -sum(payments, keptMinor)] as const,
  ];
  const wrong = wanted.flatMap(([account, minor]) =>
    (posted.get(account) ?? 0) === minor ? [] : [`${account} has ${posted.get(account)} and not ${minor}`],
  );
  const left = balances.filter(
    (balance) => balance.pending !== 0 || (balance.purpose === 'customer-receivable' && balance.posted !== 0),
  );
  return [...wrong, ...left.map((balance) => `left in the ledger: ${JSON.stringify(balance)}`)];
}

function ofStore(storeId: string, payments: readonly PaymentRecord[]): [account: string, minor: number][] {
  const own = payments.filter((payment) => payment.storeId === storeId);
  const disputed = sum(own, ({ disputedMinor }) => disputedMinor);
  const fees = sum(own, ({ capturedMinor }) => Math.floor((capturedMinor * FEE_BASIS_POINTS) / 10_000));
  return [
    [`${storeId} store-payable`, sum(own, keptMinor) - fees - disputed],
    [`${storeId} disputes`, disputed],
    [`${storeId} refunds`, 0],
  ];
}

function keptMinor({ capturedMinor, refundedMinor, lostMinor }: PaymentRecord): number {
  return capturedMinor - refundedMinor - lostMinor;
}

function sum<Item>(items: readonly Item[], amount: (item: Item) => number): number {
  return items.reduce((total, item) => total + amount(item), 0);
}
