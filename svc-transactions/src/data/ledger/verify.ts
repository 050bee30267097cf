import { IsolationLevel } from '@mikro-orm/core';
import { PURPOSES } from '../../domain/ledger/account.ts';
import type { FaultKind, LedgerFault, VerifyLedger } from '../../domain/ledger/verify.ts';
import { readId } from '../columns.ts';
import type { Orm } from '../orm.ts';

const FAULTS_MAX = 100;

/** Each query answers its subjects with what they should be and are, and none that are right. */
interface Check {
  readonly kind: FaultKind;
  /** What the subject is an id of; undefined for plain text. */
  readonly prefix: 'acct' | 'xfer' | 'pay' | undefined;
  readonly sql: string;
}

const POSTED = `SELECT account_id, SUM(amount_minor) AS total FROM ledger_postings GROUP BY account_id`;
const BALANCES = `SELECT account_id, purpose, SUM(posted_minor) AS posted, SUM(pending_debits_minor) AS debits,
  SUM(pending_credits_minor) AS credits FROM ledger_balances GROUP BY account_id, purpose`;
const openOf = (side: string) => `SELECT ${side}_account_id AS account_id, SUM(amount_minor) AS total
  FROM ledger_open_pending JOIN ledger_pending USING (transfer_id) GROUP BY ${side}_account_id`;
const pendingCheck = (side: string) => `SELECT b.account_id AS subject, CAST(COALESCE(o.total, 0) AS CHAR) AS expected,
  CAST(b.${side}s AS CHAR) AS actual FROM (${BALANCES}) b LEFT JOIN (${openOf(side)}) o USING (account_id)
  WHERE b.${side}s <> COALESCE(o.total, 0) LIMIT ${FAULTS_MAX}`;
const FLOORED = Object.entries(PURPOSES).flatMap(([purpose, { floorMinor }]) =>
  floorMinor === undefined ? [] : [{ purpose, floorMinor }],
);
const BELOW = FLOORED.map(
  ({ purpose, floorMinor }) => `(purpose = '${purpose}' AND posted - debits < ${floorMinor})`,
).join(' OR ');

/** What the provider has of each payment by the ledger. */
const CLEARED = `SELECT t.reference_id, SUM(p.amount_minor) AS total FROM ledger_postings p
  JOIN ledger_transfers t ON t.transfer_id = p.transfer_id
  WHERE p.account_id IN (SELECT account_id FROM ledger_balances WHERE purpose = 'provider-clearing') AND t.reference_prefix = 'pay' GROUP BY t.reference_id`;

const CHECKS: readonly Check[] = [
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
  { kind: 'pending', prefix: 'acct', sql: pendingCheck('debit') },
  { kind: 'pending', prefix: 'acct', sql: pendingCheck('credit') },
  {
    kind: 'floor',
    prefix: 'acct',
    sql: `SELECT account_id AS subject, '0' AS expected, CAST(posted - debits AS CHAR) AS actual FROM (${BALANCES}) b
      WHERE ${BELOW} LIMIT ${FAULTS_MAX}`,
  },
  {
    kind: 'payment',
    prefix: 'pay',
    sql: `SELECT y.payment_id AS subject, CAST(y.captured_minor - y.refunded_minor - y.lost_minor AS CHAR) AS expected,
      CAST(-COALESCE(c.total, 0) AS CHAR) AS actual FROM payments y LEFT JOIN (${CLEARED}) c ON c.reference_id = y.payment_id
      WHERE -COALESCE(c.total, 0) <> y.captured_minor - y.refunded_minor - y.lost_minor LIMIT ${FAULTS_MAX}`,
  },
  {
    kind: 'payment',
    prefix: 'pay',
    sql: `SELECT c.reference_id AS subject, '0' AS expected, CAST(-c.total AS CHAR) AS actual FROM (${CLEARED}) c
      WHERE NOT EXISTS (SELECT 1 FROM payments y WHERE y.payment_id = c.reference_id) LIMIT ${FAULTS_MAX}`,
  },
];

interface Row {
  readonly subject: Buffer | string;
  readonly expected: string;
  readonly actual: string;
}

/** Every query sees the ledger as it was when the first one began. */
export function createVerifyLedger({ em }: Orm): VerifyLedger {
  return () =>
    em.transactional(
      async () => {
        const [count] = await em.execute<{ transfers: string }[]>(
          'SELECT CAST(COUNT(*) AS CHAR) AS transfers FROM ledger_transfers',
        );
        const faults: LedgerFault[] = [];
        for (const check of CHECKS) {
          faults.push(...(await em.execute<Row[]>(check.sql)).map((row) => toFault(check, row)));
        }
        return { faults, transferCount: BigInt(count?.transfers ?? 0) };
      },
      { isolationLevel: IsolationLevel.REPEATABLE_READ, readOnly: true, clear: true },
    );
}

function toFault({ kind, prefix }: Check, { subject, expected, actual }: Row): LedgerFault {
  const name = prefix && Buffer.isBuffer(subject) ? readId(prefix, subject) : String(subject);
  return { kind, subject: name, expectedMinor: BigInt(expected), actualMinor: BigInt(actual) };
}
