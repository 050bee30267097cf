import type { Purchases } from '../../domain/purchases/ports.ts';
import type {
  Customer,
  PaidBy,
  Purchase,
  PurchaseLine,
  PurchaseState,
  StoreContact,
  UnitsBack,
} from '../../domain/purchases/purchase.ts';
import { json, readId, readTime, writeId } from '../columns.ts';
import { insertMany } from '../insert-many.ts';
import type { Orm } from '../orm.ts';
import { LAST_ID } from '../payments/payments.repository.ts';

const INSERT = `INSERT INTO purchases (purchase_id, user_id, store_id, reservation_id, payment_id, store_name,
  store_contact, paid_by, customer, currency_code, \`lines\`, subtotal_minor, tax_minor, total_minor, state, reason, version, units_back, next_step_time,
  expire_time, create_time, update_time)`;
export const SELECT_PURCHASE = `SELECT purchases.*, CAST(subtotal_minor AS CHAR) AS subtotal_minor, CAST(tax_minor AS CHAR) AS tax_minor,
  CAST(total_minor AS CHAR) AS total_minor FROM purchases`;
const UPDATE = `UPDATE purchases SET state = ?, reason = ?, version = ?, units_back = ?, update_time = ?, next_step_time = ?,
  attempts = 0, last_error = '' WHERE purchase_id = ?`;
const PUT_OFF = `UPDATE purchases SET attempts = attempts + 1, last_error = ?, next_step_time = ?
  WHERE purchase_id = ? AND state = ? AND next_step_time = ?`;
/** Also one that is due: whoever works on it since before has to see that it was woken. */
const WAKE = 'UPDATE purchases SET next_step_time = ? WHERE purchase_id = ? AND next_step_time IS NOT NULL';
const ERROR_LENGTH_MAX = 255;
/** The optimizer would sooner walk the primary key, past the purchases of everybody else. */
const listBy = (owner: 'user' | 'store') =>
  `${SELECT_PURCHASE} FORCE INDEX (purchases_${owner}) WHERE ${owner}_id = ? AND purchase_id < ? ORDER BY purchase_id DESC LIMIT ?`;
export const LIST_PURCHASES = { user: listBy('user'), store: listBy('store') };
export const LOCK_DUE_PURCHASE = `SELECT purchase_id FROM purchases WHERE next_step_time <= ?
  ORDER BY next_step_time LIMIT 1 FOR UPDATE SKIP LOCKED`;
const LEASE = 'UPDATE purchases SET next_step_time = ? WHERE purchase_id = ?';

type LineRow = Omit<PurchaseLine, 'unitPriceMinor' | 'subtotalMinor' | 'taxMinor'> & {
  readonly unitPriceMinor: string;
  readonly subtotalMinor: string;
  readonly taxMinor: string;
};

/** Versions before receipts did not write these down. */
const UNKNOWN_CONTACT: StoreContact = {
  ...{ email: '', phone: '', countryCode: '', legalName: '', postalAddress: '', taxId: '' },
};
const UNKNOWN_CUSTOMER: Customer = { name: '', email: '' };
const UNKNOWN_PAID_BY: PaidBy = { brand: '', last4: '' };

type UnitsRow = Omit<UnitsBack, 'taxMinor'> & { readonly taxMinor: string };

export interface PurchaseRow {
  readonly purchase_id: Buffer;
  readonly user_id: Buffer;
  readonly store_id: Buffer;
  readonly reservation_id: Buffer;
  readonly payment_id: Buffer;
  readonly store_name: string;
  readonly store_contact: Partial<StoreContact> | null;
  readonly paid_by: PaidBy | null;
  readonly customer: Customer | null;
  readonly currency_code: string;
  readonly lines: LineRow[];
  readonly subtotal_minor: string;
  readonly tax_minor: string;
  readonly total_minor: string;
  readonly state: PurchaseState;
  readonly reason: string;
  readonly version: number;
  readonly units_back: Record<string, UnitsRow> | null;
  readonly expire_time: string;
  readonly create_time: string;
  readonly update_time: string;
}

export interface PurchaseQueue {
  /** Takes the purchase that has been due the longest, and makes it due again at `leaseTime`. Within a transaction. */
  take(now: Date, leaseTime: Date): Promise<string | undefined>;
}

/** Purchases in MySQL. */
export function createPurchases({ em }: Orm): Purchases & PurchaseQueue {
  const first = async (sql: string, purchaseId: string) => {
    const [row] = await em.execute<PurchaseRow[]>(sql, [writeId('pur', purchaseId)]);
    return row && toPurchase(row);
  };
  return {
    read: async (purchaseId) => {
      const sql = `${SELECT_PURCHASE} WHERE purchase_id = ?`;
      const [row] = await em.execute<(PurchaseRow & { next_step_time: string | null })[]>(sql, [
        writeId('pur', purchaseId),
      ]);
      if (!row) return undefined;
      return { ...toPurchase(row), nextStepTime: row.next_step_time === null ? null : readTime(row.next_step_time) };
    },
    lock: (purchaseId) => first(`${SELECT_PURCHASE} WHERE purchase_id = ? FOR UPDATE`, purchaseId),
    add: (purchase, nextStepTime) => insertMany(em, INSERT, [valuesOf(purchase, nextStepTime)]),
    save: async ({ purchaseId, state, reason, version, unitsBack, updateTime }, nextStepTime) => {
      const values = [state, reason, version, json(unitsBack), updateTime, nextStepTime];
      await em.execute(UPDATE, [...values, writeId('pur', purchaseId)]);
    },
    putOff: async ({ purchaseId, state, nextStepTime: known }, nextStepTime, error) => {
      const why = error.slice(0, ERROR_LENGTH_MAX).toWellFormed();
      await em.execute(PUT_OFF, [why, nextStepTime, writeId('pur', purchaseId), state, known]);
    },
    wake: async (purchaseId, now) => void (await em.execute(WAKE, [now, writeId('pur', purchaseId)])),
    list: async (of, limit, before) => {
      const [sql, owner] =
        'userId' in of
          ? [LIST_PURCHASES.user, writeId('usr', of.userId)]
          : [LIST_PURCHASES.store, writeId('store', of.storeId)];
      const until = before === undefined ? LAST_ID : writeId('pur', before);
      return (await em.execute<PurchaseRow[]>(sql, [owner, until, limit])).map(toPurchase);
    },
    take: async (now, leaseTime) => {
      const [row] = await em.execute<{ purchase_id: Buffer }[]>(LOCK_DUE_PURCHASE, [now]);
      if (row) await em.execute(LEASE, [leaseTime, row.purchase_id]);
      return row && readId('pur', row.purchase_id);
    },
  };
}

function valuesOf(purchase: Purchase, nextStepTime: Date) {
  const {
    lines,
    storeName,
    storeContact,
    paidBy,
    customer,
    currencyCode,
    subtotalMinor,
    taxMinor,
    totalMinor,
    state,
    reason,
  } = purchase;
  return [
    ...[writeId('pur', purchase.purchaseId), writeId('usr', purchase.userId), writeId('store', purchase.storeId)],
    ...[writeId('res', purchase.reservationId), writeId('pay', purchase.paymentId), storeName],
    ...[
      json(storeContact),
      json(paidBy),
      json(customer),
      currencyCode,
      json(lines),
      subtotalMinor,
      taxMinor,
      totalMinor,
      state,
      reason,
      purchase.version,
      json(purchase.unitsBack),
    ],
    ...[nextStepTime, purchase.expireTime, purchase.createTime, purchase.updateTime],
  ];
}

function toUnits(rows: PurchaseRow['units_back']): Purchase['unitsBack'] {
  const entries = Object.entries(rows ?? {});
  return Object.fromEntries(
    entries.map(([id, { taxMinor, ...units }]) => [id, { ...units, taxMinor: BigInt(taxMinor) }]),
  );
}

export function toPurchase(row: PurchaseRow): Purchase {
  return {
    purchaseId: readId('pur', row.purchase_id),
    userId: readId('usr', row.user_id),
    storeId: readId('store', row.store_id),
    reservationId: readId('res', row.reservation_id),
    paymentId: readId('pay', row.payment_id),
    storeName: row.store_name,
    storeContact: { ...UNKNOWN_CONTACT, ...row.store_contact },
    paidBy: row.paid_by ?? UNKNOWN_PAID_BY,
    customer: row.customer ?? UNKNOWN_CUSTOMER,
    currencyCode: row.currency_code,
    lines: row.lines.map((line) => ({
      ...line,
      unitPriceMinor: BigInt(line.unitPriceMinor),
      subtotalMinor: BigInt(line.subtotalMinor),
      taxMinor: BigInt(line.taxMinor),
    })),
    subtotalMinor: BigInt(row.subtotal_minor),
    taxMinor: BigInt(row.tax_minor),
    totalMinor: BigInt(row.total_minor),
    state: row.state,
    reason: row.reason,
    version: row.version,
    unitsBack: toUnits(row.units_back),
    expireTime: readTime(row.expire_time),
    createTime: readTime(row.create_time),
    updateTime: readTime(row.update_time),
  };
}
