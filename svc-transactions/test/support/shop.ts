import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaptureMethod, type Payment, PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { as } from './clients.ts';
import type { TestService } from './service.ts';
import { newUserId } from './users.ts';

/** A busy machine takes its time; a test that waits for what never comes ends all the same. */
const FINAL_MS = 60_000;
const POLL_MS = 20;

/** A customer and a store. */
export interface Shop {
  readonly storeId: string;
  readonly userId: string;
  /** Call options of the customer, with a new idempotency key or a given one. */
  customer(key?: string): ReturnType<typeof as>;
  /** Call options of the store's owner, with a new idempotency key or a given one. */
  owner(key?: string): ReturnType<typeof as>;
}

export async function openShop({ users, stores }: TestService): Promise<Shop> {
  const [userId, ownerId] = [newUserId(), newUserId()];
  const [userToken, ownerToken] = [await users.token(userId), await users.token(ownerId)];
  return {
    storeId: stores.open(ownerId),
    userId,
    customer: (key) => as(userToken, key),
    owner: (key) => as(ownerToken, key),
  };
}

/** Creates a payment of 100.00 EUR, by a test payment method of the sandbox. */
export async function newPayment(
  { edge }: TestService,
  shop: Shop,
  token: string,
  captureMethod: CaptureMethod = CaptureMethod.AUTOMATIC,
): Promise<string> {
  const { paymentMethod } = await edge.methods.attachPaymentMethod({ token }, shop.customer());
  const amount = { currencyCode: 'EUR', amountMinor: 10_000n };
  const paymentMethodId = paymentMethod?.paymentMethodId ?? '';
  const request = { storeId: shop.storeId, amount, captureMethod, paymentMethodId, description: 'a hat' };
  const { payment } = await edge.payments.createPayment(request, shop.customer());
  return payment?.paymentId ?? '';
}

/** Confirms a payment. @returns it as the answer has it. */
export async function confirm({ edge }: TestService, shop: Shop, paymentId: string, key?: string): Promise<Payment> {
  const { payment } = await edge.payments.confirmPayment({ paymentId, paymentMethodId: '' }, shop.customer(key));
  assert.ok(payment);
  return payment;
}

/** Reads a payment until it is not pending any more. */
export async function settled({ edge }: TestService, shop: Shop, paymentId: string): Promise<Payment> {
  const until = Date.now() + FINAL_MS;
  for (;;) {
    const { payment } = await edge.payments.getPayment({ paymentId }, shop.customer());
    if (payment && payment.state !== PaymentState.PENDING && payment.refundsPending?.amountMinor === 0n) return payment;
    assert.ok(Date.now() < until, `the payment is still pending: ${payment?.outcomeUnknown}`);
    await sleep(POLL_MS);
  }
}

/** What stands on the accounts of a store, by purpose. */
export async function balances({ sql }: TestService, storeId: string): Promise<Record<string, number>> {
  const query = `SELECT purpose, SUM(posted_minor) AS posted, SUM(pending_credits_minor) AS pending
    FROM ledger_balances WHERE owner = ? GROUP BY purpose`;
  const rows = await sql<{ purpose: string; posted: string; pending: string }>(query, [storeId]);
  const entries = rows.flatMap(({ purpose, posted, pending }) => [
    [purpose, Number(posted)],
    [`${purpose} pending`, Number(pending)],
  ]);
  return Object.fromEntries(entries.filter(([, amount]) => amount !== 0));
}

/** Purchases without the receipt that they should have, or with one that they should not; series with a gap. */
const WRONG_RECEIPTS = `SELECT HEX(purchase_id) AS wrong FROM purchases LEFT JOIN receipts USING (purchase_id)
    WHERE (state = 'captured') <> (number IS NOT NULL)
  UNION ALL SELECT HEX(store_id) FROM receipt_series LEFT JOIN
    (SELECT store_id, year, COUNT(*) AS count, MAX(number) AS last FROM receipts GROUP BY store_id, year) AS given
    USING (store_id, year) WHERE NOT (last_number <=> count AND last_number <=> last)`;

/** Expects the ledger to be sound, every payment's money accounted for, and every purchase to have its receipt. */
export async function assertSound({ edge, users, sql }: TestService): Promise<void> {
  const operator = as(await users.token(newUserId(), 'ledger:verify'));
  assert.deepEqual((await edge.ledger.verifyLedger({}, operator)).faults, []);
  assert.deepEqual(await sql(WRONG_RECEIPTS), []);
}
