import type { PaidMoney } from '../../../domain/ledger/payment-money.ts';
import { readId } from '../../columns.ts';
import type { Orm } from '../../orm.ts';

/** Compared in a few milliseconds, during which the process does nothing else. */
const PAGE = 250;
const PAYMENTS = `SELECT payment_id, user_id, store_id, currency_code, state, CAST(amount_minor AS CHAR) AS amount,
  CAST(captured_minor AS CHAR) AS captured, CAST(refunded_minor AS CHAR) AS refunded,
  CAST(refunds_pending_minor AS CHAR) AS refunds_pending, CAST(lost_minor AS CHAR) AS lost,
  authorisation_expire_time IS NOT NULL AS is_authorised
  FROM payments WHERE payment_id > ? ORDER BY payment_id LIMIT ${PAGE}`;
/** The transfers of the payments of a page, by an index over their references. */
const TRANSFERS = `FROM ledger_transfers t FORCE INDEX (ledger_transfers_reference)`;
const OF_PAGE = `WHERE t.reference_id > ? AND t.reference_id <= ? AND t.reference_prefix = 'pay'`;
const MONEY = `SELECT t.reference_id AS id, p.account_id, CAST(SUM(p.amount_minor) AS CHAR) AS amount ${TRANSFERS}
  JOIN ledger_postings p ON p.transfer_id = t.transfer_id ${OF_PAGE}
  GROUP BY t.reference_id, p.account_id HAVING SUM(p.amount_minor) <> 0`;
const FEES = `SELECT t.reference_id AS id, t.transfer_id, CAST(p.amount_minor AS CHAR) AS amount ${TRANSFERS}
  JOIN ledger_postings p ON p.transfer_id = t.transfer_id ${OF_PAGE} AND t.kind = 'fee' AND p.amount_minor > 0`;
const HOLDS = `SELECT t.reference_id AS id, n.debit_account_id, n.credit_account_id,
  CAST(SUM(n.amount_minor) AS CHAR) AS amount ${TRANSFERS}
  JOIN ledger_open_pending o ON o.transfer_id = t.transfer_id
  JOIN ledger_pending n ON n.transfer_id = t.transfer_id ${OF_PAGE}
  GROUP BY t.reference_id, n.debit_account_id, n.credit_account_id`;
const EXPIRED = `SELECT t.reference_id AS id ${TRANSFERS} ${OF_PAGE} AND t.type = 'void-pending' AND t.kind = 'expired'`;
const sums = (table: string) => `SELECT payment_id AS id, state, CAST(SUM(amount_minor) AS CHAR) AS amount
  FROM ${table} WHERE payment_id > ? AND payment_id <= ? GROUP BY payment_id, state`;
const [REFUNDS, DISPUTES] = [sums('refunds'), sums('disputes')];

interface PaymentRow {
  readonly payment_id: Buffer;
  readonly user_id: Buffer;
  readonly store_id: Buffer;
  readonly currency_code: string;
  readonly state: string;
  readonly amount: string;
  readonly captured: string;
  readonly refunded: string;
  readonly refunds_pending: string;
  readonly lost: string;
  readonly is_authorised: number;
}

/** A row of something that a payment has. */
interface Part {
  readonly id: Buffer;
  readonly amount: string;
}

interface Money extends Part {
  readonly account_id: Buffer;
}

interface Fee extends Part {
  readonly transfer_id: Buffer;
}

interface HoldRow extends Part {
  readonly debit_account_id: Buffer;
  readonly credit_account_id: Buffer;
}

interface StateSum extends Part {
  readonly state: string;
}

/** A payment with all that the ledger and its neighbours have of it. */
export interface PaymentParts {
  readonly payment: PaidMoney;
  readonly money: readonly Money[];
  readonly fees: readonly Fee[];
  readonly holds: readonly HoldRow[];
  /** Whether the ledger let go by itself of what was held, since nobody else had for a month. */
  readonly isLetGo: boolean;
  readonly refunds: readonly StateSum[];
  readonly disputes: readonly StateSum[];
}

/** Reads all payments with their parts, a page at a time. */
export async function* paymentPages(em: Orm['em']): AsyncGenerator<readonly PaymentParts[]> {
  let rows: PaymentRow[] = [];
  let after: Buffer = Buffer.alloc(0);
  do {
    rows = await em.execute<PaymentRow[]>(PAYMENTS, [after]);
    const until = rows.at(-1)?.payment_id;
    if (!until) return;
    yield await withParts(em, rows, [after, until]);
    after = until;
  } while (rows.length === PAGE);
}

async function withParts(em: Orm['em'], rows: readonly PaymentRow[], range: Buffer[]): Promise<PaymentParts[]> {
  const read = async <Row extends Pick<Part, 'id'>>(sql: string) => byId(await em.execute<Row[]>(sql, range));
  const [money, fees, holds] = [await read<Money>(MONEY), await read<Fee>(FEES), await read<HoldRow>(HOLDS)];
  const expired = await read<Pick<Part, 'id'>>(EXPIRED);
  const [refunds, disputes] = [await read<StateSum>(REFUNDS), await read<StateSum>(DISPUTES)];
  return rows.map((row) => {
    const id = row.payment_id.toString('hex');
    const of = <Row>(parts: ReadonlyMap<string, Row[]>) => parts.get(id) ?? [];
    const isLetGo = expired.has(id);
    const [own, all] = [{ money: of(money), fees: of(fees), holds: of(holds) }, { refunds: of(refunds) }];
    return { payment: toPayment(row), isLetGo, ...own, ...all, disputes: of(disputes) };
  });
}

function byId<Row extends Pick<Part, 'id'>>(rows: readonly Row[]): ReadonlyMap<string, Row[]> {
  return Map.groupBy(rows, ({ id }) => id.toString('hex'));
}

function toPayment(row: PaymentRow): PaidMoney {
  return {
    paymentId: readId('pay', row.payment_id),
    userId: readId('usr', row.user_id),
    storeId: readId('store', row.store_id),
    currencyCode: row.currency_code,
    state: row.state,
    amountMinor: BigInt(row.amount),
    capturedMinor: BigInt(row.captured),
    refundedMinor: BigInt(row.refunded),
    refundsPendingMinor: BigInt(row.refunds_pending),
    lostMinor: BigInt(row.lost),
    isAuthorised: row.is_authorised !== 0,
  };
}
