import { DomainError } from '@malla/chassis/errors';
import { PAGE_SIZE_DEFAULT, type Page, toPage } from '../page.ts';
import { type Payment, paymentNotFound, type Refund } from './payment.ts';
import type { PaymentDeps } from './ports.ts';

type ReadDeps = Pick<PaymentDeps, 'payments' | 'refunds' | 'storeStaff'>;

/** Reads a payment for who pays, and for the staff of the store. @throws DomainError `not-found` (PAYMENT_NOT_FOUND). */
export async function getPayment(paymentId: string, userId: string, deps: ReadDeps): Promise<Payment> {
  const payment = await readPayment(paymentId, deps);
  if (payment.userId === userId) return payment;
  await requireStaffOf(payment, deps);
  return forStaff(payment);
}

/** Who follows the action URL of a payment answers the bank for who pays. */
export function forStaff(payment: Payment): Payment {
  return { ...payment, actionUrl: '' };
}

/** @throws DomainError `not-found` (PAYMENT_NOT_FOUND). */
export async function readPayment(paymentId: string, { payments }: Pick<ReadDeps, 'payments'>): Promise<Payment> {
  const payment = await payments.read(paymentId);
  if (!payment) throw paymentNotFound();
  return payment;
}

/** Finds and locks, within a transaction. @throws DomainError `not-found` (PAYMENT_NOT_FOUND). */
export async function lockPayment(paymentId: string, { payments }: Pick<ReadDeps, 'payments'>): Promise<Payment> {
  const payment = await payments.lock(paymentId);
  if (!payment) throw paymentNotFound();
  return payment;
}

/** A payment is not there for strangers. @throws DomainError `not-found` (PAYMENT_NOT_FOUND). */
export async function requireStaffOf(
  { storeId }: Payment,
  { storeStaff }: Pick<ReadDeps, 'storeStaff'>,
): Promise<void> {
  await storeStaff.requireStaff(storeId).catch((error: unknown) => {
    throw error instanceof DomainError && error.reason === 'ROLE_MISSING' ? paymentNotFound() : error;
  });
}

/**
 * Lets through the owner and managers of a store, who may give its money back.
 * @param hidden what strangers hear.
 * @throws DomainError `forbidden` (ROLE_MISSING).
 */
export async function requireManager(
  storeId: string,
  callerId: string,
  hidden: () => DomainError,
  { storeStaff }: Pick<ReadDeps, 'storeStaff'>,
): Promise<void> {
  const role = await storeStaff.roleOf(storeId, callerId);
  if (role === undefined) throw hidden();
  if (role === 'owner' || role === 'manager') return;
  const message = 'Only the owner and managers of the store may do this.';
  throw new DomainError('forbidden', 'ROLE_MISSING', message, { metadata: { role: 'manager' } });
}

/** Lists a user's payments, newest first. `pageSize` 0 means 20. */
export async function listPayments(
  userId: string,
  pageSize: number,
  before: string | undefined,
  { payments }: ReadDeps,
): Promise<Page<Payment>> {
  const limit = pageSize || PAGE_SIZE_DEFAULT;
  return toPage(await payments.list({ userId }, limit + 1, before), limit, ({ paymentId }) => paymentId);
}

/** Lists a store's payments for its staff, newest first. `pageSize` 0 means 20. @throws as `requireStaff` does. */
export async function listStorePayments(
  storeId: string,
  pageSize: number,
  before: string | undefined,
  { payments, storeStaff }: ReadDeps,
): Promise<Page<Payment>> {
  await storeStaff.requireStaff(storeId);
  const limit = pageSize || PAGE_SIZE_DEFAULT;
  const page = toPage(await payments.list({ storeId }, limit + 1, before), limit, ({ paymentId }) => paymentId);
  return { ...page, items: page.items.map(forStaff) };
}

/** Lists the refunds of a payment, newest first. `pageSize` 0 means 20. @throws as `getPayment` does. */
export async function listRefunds(
  paymentId: string,
  userId: string,
  pageSize: number,
  before: string | undefined,
  deps: ReadDeps,
): Promise<Page<Refund>> {
  await getPayment(paymentId, userId, deps);
  const limit = pageSize || PAGE_SIZE_DEFAULT;
  return toPage(await deps.refunds.list(paymentId, limit + 1, before), limit, ({ refundId }) => refundId);
}
