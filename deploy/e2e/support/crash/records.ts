import { TypeID } from 'typeid-js';
import type { Databases } from './databases.ts';

/** A purchase as svc-transactions has it. */
export interface PurchaseRecord {
  readonly purchaseId: string;
  readonly paymentId: string;
  readonly storeId: string;
  readonly state: string;
  readonly reason: string;
  readonly totalMinor: number;
  readonly lines: readonly { readonly variantId: string; readonly quantity: number }[];
  /** By variant. */
  readonly unitsBack: Readonly<Record<string, { readonly quantity: number; readonly pendingQuantity: number }>>;
}

/** A payment as svc-transactions has it. */
export interface PaymentRecord {
  readonly paymentId: string;
  /** Empty for none. */
  readonly purchaseId: string;
  readonly storeId: string;
  readonly state: string;
  readonly amountMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly refundsPendingMinor: number;
  readonly lostMinor: number;
  /** What is held back in disputes that are open. */
  readonly disputedMinor: number;
}

/** Units of a purchase that were paid back. */
export interface UnitsBack {
  readonly paymentId: string;
  readonly lines: readonly { readonly variantId: string; readonly quantity: number }[];
  /** Whether they went back into stock. */
  readonly restocked: boolean;
}

type Row = Readonly<Record<string, unknown>>;

export async function readUnitsBack({ transactions }: Databases): Promise<UnitsBack[]> {
  const sql = `SELECT refund_id, payment_id, \`lines\`, restock FROM refunds
    WHERE state = 'succeeded' AND \`lines\` IS NOT NULL AND refund_id > ? ORDER BY refund_id LIMIT ?`;
  return (await transactions.pages<Row>(sql, 'refund_id')).map((row) => ({
    paymentId: id('pay', row.payment_id),
    lines: row.lines as UnitsBack['lines'],
    restocked: row.restock !== 'none',
  }));
}

export async function readPurchases({ transactions }: Databases): Promise<PurchaseRecord[]> {
  const sql = 'SELECT * FROM purchases WHERE purchase_id > ? ORDER BY purchase_id LIMIT ?';
  return (await transactions.pages<Row>(sql, 'purchase_id')).map((row) => ({
    purchaseId: id('pur', row.purchase_id),
    paymentId: id('pay', row.payment_id),
    storeId: id('store', row.store_id),
    state: String(row.state),
    reason: String(row.reason),
    totalMinor: Number(row.total_minor),
    lines: row.lines as PurchaseRecord['lines'],
    unitsBack: (row.units_back ?? {}) as PurchaseRecord['unitsBack'],
  }));
}

export async function readPayments({ transactions }: Databases): Promise<PaymentRecord[]> {
  const disputed = `SELECT payment_id, SUM(amount_minor) AS disputed FROM disputes WHERE state = 'opened' GROUP BY payment_id`;
  const sql = `SELECT payments.*, COALESCE(disputed, 0) AS disputed FROM payments LEFT JOIN (${disputed}) AS open
    ON open.payment_id = payments.payment_id WHERE payments.payment_id > ? ORDER BY payments.payment_id LIMIT ?`;
  return (await transactions.pages<Row>(sql, 'payment_id')).map((row) => ({
    paymentId: id('pay', row.payment_id),
    purchaseId: row.purchase_id === null ? '' : id('pur', row.purchase_id),
    storeId: id('store', row.store_id),
    state: String(row.state),
    amountMinor: Number(row.amount_minor),
    capturedMinor: Number(row.captured_minor),
    refundedMinor: Number(row.refunded_minor),
    refundsPendingMinor: Number(row.refunds_pending_minor),
    lostMinor: Number(row.lost_minor),
    disputedMinor: Number(row.disputed),
  }));
}

/** A TypeID of the 16 bytes that it is in MySQL. */
export function id(prefix: string, bytes: unknown): string {
  return TypeID.fromUUIDBytes(prefix, bytes as Buffer).toString();
}
