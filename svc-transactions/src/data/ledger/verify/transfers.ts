import { transferIdOf } from '../../../domain/ids.ts';
import type { Faults } from '../../../domain/ledger/verify.ts';
import { readId } from '../../columns.ts';
import type { Orm } from '../../orm.ts';
import { hashOf, type TransferType } from '../transfers.ts';

/** Read and hashed in a few milliseconds, during which the process does nothing else. */
const PAGE = 250;
/** In the order of the primary keys of all three tables. */
const READ = `SELECT t.transfer_id, t.type, t.kind, t.reference_prefix, t.reference_id, t.pending_id, t.content_hash,
  p.account_id, CAST(p.amount_minor AS CHAR) AS amount, n.debit_account_id, n.credit_account_id,
  CAST(n.amount_minor AS CHAR) AS pending_amount
  FROM (SELECT * FROM ledger_transfers WHERE transfer_id > ? ORDER BY transfer_id LIMIT ${PAGE}) t
  LEFT JOIN ledger_postings p ON p.transfer_id = t.transfer_id
  LEFT JOIN ledger_pending n ON n.transfer_id = t.transfer_id
  ORDER BY t.transfer_id, p.line`;
/** What happens to a payment once: the id of such a transfer follows from the payment and the kind alone. */
const ONCE = new Set(['authorise', 'capture', 'settlement', 'fee', 'release']);

/** A transfer with one of its postings, or with none. */
interface Row {
  readonly transfer_id: Buffer;
  readonly type: TransferType;
  readonly kind: string;
  readonly reference_prefix: string;
  readonly reference_id: Buffer;
  readonly pending_id: Buffer | null;
  readonly content_hash: Buffer;
  readonly account_id: Buffer | null;
  readonly amount: string;
  readonly debit_account_id: Buffer | null;
  readonly credit_account_id: Buffer | null;
  readonly pending_amount: string;
}

/** Looks whether each transfer is as it was written, and has happened once. @returns how many there are. */
export async function verifyTransfers(em: Orm['em'], faults: Faults, signal?: AbortSignal): Promise<bigint> {
  let count = 0;
  let page: (readonly Row[])[] = [];
  let after: Buffer = Buffer.alloc(0);
  do {
    signal?.throwIfAborted();
    page = grouped(await em.execute<Row[]>(READ, [after]));
    for (const rows of page) verifyTransfer(rows, faults);
    count += page.length;
    after = page.at(-1)?.[0]?.transfer_id ?? after;
  } while (page.length === PAGE);
  return BigInt(count);
}

function verifyTransfer(rows: readonly Row[], faults: Faults): void {
  const [row] = rows;
  if (!row) return;
  const { type, kind, reference_prefix: prefix, pending_id: pendingId } = row;
  const [transferId, reference] = [readId('xfer', row.transfer_id), readId(prefix, row.reference_id)];
  const record = { type, kind, reference, ...(pendingId && { pendingId: readId('xfer', pendingId) }) };
  const fault = { kind: 'transfer', subject: transferId, expectedMinor: 0n, actualMinor: 0n } as const;
  if (!hashOf(record, linesOf(rows)).equals(row.content_hash))
    faults.add({ ...fault, detail: `${kind} of ${reference} is not what was written` });
  if (prefix === 'pay' && ONCE.has(kind) && transferId !== transferIdOf(reference, [kind]))
    faults.add({ ...fault, detail: `${kind} of ${reference} is not the one that it has` });
}

/** The postings of a transfer, and the ones that a pending transfer is to have. */
function linesOf(rows: readonly Row[]): (readonly [string, string])[] {
  const pending = rows[0]?.debit_account_id && rows[0].credit_account_id ? rows[0] : undefined;
  const begun = pending && [
    line(pending.debit_account_id, `-${pending.pending_amount}`),
    line(pending.credit_account_id, pending.pending_amount),
  ];
  return [...(begun ?? []), ...rows.flatMap((row) => (row.account_id ? [line(row.account_id, row.amount)] : []))];
}

function line(accountId: Buffer | null, amount: string): readonly [string, string] {
  return [accountId ? readId('acct', accountId) : '', amount];
}

/** Rows that follow each other, by transfer. */
function grouped(rows: readonly Row[]): (readonly Row[])[] {
  const groups: Row[][] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    if (last?.[0]?.transfer_id.equals(row.transfer_id)) last.push(row);
    else groups.push([row]);
  }
  return groups;
}
