import { PURPOSES } from '../../../domain/ledger/account.ts';
import { FAULTS_MAX, type FaultKind, type Faults } from '../../../domain/ledger/verify.ts';
import { readId } from '../../columns.ts';
import type { Orm } from '../../orm.ts';

/** Each query answers its subjects with what they should be and are, and none that are right. */
interface Check {
  readonly kind: FaultKind;
  /** What the subject is an id of: undefined for plain text, or for an id whose prefix the row tells. */
  readonly prefix: 'acct' | 'xfer' | undefined;
  readonly sql: string;
  readonly detail?: string;
}

const POSTED = `SELECT account_id, SUM(amount_minor) AS total FROM ledger_postings GROUP BY account_id`;
const BALANCES = `SELECT account_id, purpose, SUM(posted_minor) AS posted, SUM(pending_debits_minor) AS debits,
  SUM(pending_credits_minor) AS credits FROM ledger_balances GROUP BY account_id, purpose`;
const openOf = (side: string) => `SELECT ${side}_account_id AS account_id, SUM(amount_minor) AS total
  FROM ledger_open_pending JOIN ledger_pending USING (transfer_id) GROUP BY ${side}_account_id`;
const pendingCheck = (side: 'debit' | 'credit'): Check => ({
  kind: 'pending',
  prefix: 'acct',
  detail: `${side}s`,
  sql: `SELECT b.account_id AS subject, CAST(COALESCE(o.total, 0) AS CHAR) AS expected, CAST(b.${side}s AS CHAR) AS actual
    FROM (${BALANCES}) b LEFT JOIN (${openOf(side)}) o USING (account_id)
    WHERE b.${side}s <> COALESCE(o.total, 0) LIMIT ${FAULTS_MAX}`,
});
const FLOORED = Object.entries(PURPOSES).flatMap(([purpose, { floorMinor }]) =>
  floorMinor === undefined ? [] : [{ purpose, floorMinor }],
);
const BELOW = FLOORED.map(
  ({ purpose, floorMinor }) => `(purpose = '${purpose}' AND posted - debits < ${floorMinor})`,
).join(' OR ');
const missing = (what: string, from: string): Check => ({
  kind: 'transfer',
  prefix: 'xfer',
  detail: what,
  sql: `SELECT transfer_id AS subject, '0' AS expected, '0' AS actual FROM ${from} LIMIT ${FAULTS_MAX}`,
});

/** That the ledger adds up. */
export const LEDGER_CHECKS: readonly Check[] = [
  {
    kind: 'currency-sum',
    prefix: undefined,
    sql: `SELECT currency_code AS subject, '0' AS expected, CAST(SUM(posted_minor) AS CHAR) AS actual
      FROM ledger_balances GROUP BY currency_code HAVING SUM(posted_minor) <> 0`,
  },
  {
    kind: 'transfer-sum',
    prefix: 'xfer',
    sql: `SELECT transfer_id AS subject, '0' AS expected, CAST(SUM(amount_minor) AS CHAR) AS actual
      FROM ledger_postings GROUP BY transfer_id HAVING SUM(amount_minor) <> 0 LIMIT ${FAULTS_MAX}`,
  },
  {
    kind: 'balance',
    prefix: 'acct',
    sql: `SELECT b.account_id AS subject, CAST(COALESCE(p.total, 0) AS CHAR) AS expected, CAST(b.posted AS CHAR) AS actual
      FROM (${BALANCES}) b LEFT JOIN (${POSTED}) p USING (account_id)
      WHERE b.posted <> COALESCE(p.total, 0) LIMIT ${FAULTS_MAX}`,
  },
  {
    kind: 'balance',
    prefix: 'acct',
    sql: `SELECT p.account_id AS subject, CAST(p.total AS CHAR) AS expected, '0' AS actual FROM (${POSTED}) p
      WHERE NOT EXISTS (SELECT 1 FROM ledger_balances b WHERE b.account_id = p.account_id) LIMIT ${FAULTS_MAX}`,
  },
  pendingCheck('debit'),
  pendingCheck('credit'),
  {
    kind: 'floor',
    prefix: 'acct',
    sql: `SELECT account_id AS subject, '0' AS expected, CAST(posted - debits AS CHAR) AS actual FROM (${BALANCES}) b
      WHERE ${BELOW} LIMIT ${FAULTS_MAX}`,
  },
  {
    kind: 'transfer',
    prefix: 'xfer',
    detail: 'was posted, and is not there',
    sql: `SELECT p.transfer_id AS subject, '0' AS expected, CAST(SUM(GREATEST(p.amount_minor, 0)) AS CHAR) AS actual
      FROM ledger_postings p LEFT JOIN ledger_transfers t ON t.transfer_id = p.transfer_id WHERE t.transfer_id IS NULL
      GROUP BY p.transfer_id LIMIT ${FAULTS_MAX}`,
  },
  missing(
    'was begun, and is not there',
    `ledger_pending n WHERE NOT EXISTS (SELECT 1 FROM ledger_transfers t WHERE t.transfer_id = n.transfer_id)`,
  ),
  missing(
    'is open, and was never begun',
    `ledger_open_pending o WHERE NOT EXISTS (SELECT 1 FROM ledger_pending n WHERE n.transfer_id = o.transfer_id)`,
  ),
  missing(
    'has ended, and is open',
    `ledger_open_pending o WHERE EXISTS (SELECT 1 FROM ledger_transfers e WHERE e.pending_id = o.transfer_id)`,
  ),
  missing(
    'is neither open, nor has it ended',
    `ledger_pending n WHERE NOT EXISTS (SELECT 1 FROM ledger_open_pending o WHERE o.transfer_id = n.transfer_id)
      AND NOT EXISTS (SELECT 1 FROM ledger_transfers e WHERE e.pending_id = n.transfer_id)`,
  ),
];
/** That money moves for payments alone. */
export const PAYMENT_CHECKS: readonly Check[] = [
  {
    kind: 'payment',
    prefix: undefined,
    detail: 'is no payment',
    sql: `SELECT t.reference_prefix AS prefix, t.reference_id AS subject, '0' AS expected,
      CAST(COALESCE(SUM(GREATEST(p.amount_minor, 0)), 0) AS CHAR) AS actual
      FROM ledger_transfers t LEFT JOIN ledger_postings p ON p.transfer_id = t.transfer_id
      WHERE t.reference_prefix <> 'pay' OR NOT EXISTS (SELECT 1 FROM payments y WHERE y.payment_id = t.reference_id)
      GROUP BY t.reference_prefix, t.reference_id LIMIT ${FAULTS_MAX}`,
  },
];

interface Row {
  readonly prefix?: string;
  readonly subject: Buffer | string;
  readonly expected: string;
  readonly actual: string;
}

/** What MySQL finds by itself: sums, balances, floors, and rows without those that belong to them. */
export async function runChecks(em: Orm['em'], checks: readonly Check[], faults: Faults): Promise<void> {
  for (const { kind, prefix: ofAll, sql, detail = '' } of checks) {
    for (const { prefix = ofAll, subject, expected, actual } of await em.execute<Row[]>(sql)) {
      const name = prefix && Buffer.isBuffer(subject) ? readId(prefix, subject) : String(subject);
      faults.add({ kind, subject: name, expectedMinor: BigInt(expected), actualMinor: BigInt(actual), detail });
    }
  }
}
