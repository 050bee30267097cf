import { errorText } from '@malla/chassis/logged-error';
import { plus } from '../clock.ts';
import { attemptNow } from '../payments/attempt.ts';
import type { Payment } from '../payments/payment.ts';
import { begin, METHOD_GONE, settleFree, settleGone } from '../payments/settle.ts';
import { saveChange, tellChallenge } from './change.ts';
import { letGo, lockPayment, payBack, required } from './give-back.ts';
import type { PurchaseDeps, WaitingPurchase } from './ports.ts';
import { isFinal, type Purchase, type PurchaseState } from './purchase.ts';
import { type Refusal, wait, waitForProvider } from './wait.ts';

/** Stock is kept for longer than a purchase may take. */
const RESERVATION_MARGIN_MS = 10 * 60_000;

/** Where a purchase goes from one of its states; nowhere while it has to wait. */
interface Move {
  readonly to: PurchaseState;
  readonly reason?: string;
}

/**
 * Takes the steps of a purchase, one after another, until it is final or has to wait. Any number of processes may do so at
 * once, and die at any line: what is asked of others may be repeated, and a state is left once.
 * @throws whatever, when somebody who is asked does not tell.
 */
export async function advance(purchaseId: string, deps: PurchaseDeps): Promise<void> {
  for (;;) {
    const purchase = await deps.purchases.read(purchaseId);
    if (!purchase || isFinal(purchase)) return;
    deps.reached(`${purchase.state as ActiveState}.begins`);
    const move = await step(purchase, deps);
    if (!move) return wait(purchase, '', deps);
    if ('refusal' in move) return waitForProvider(purchase, move, deps);
    deps.reached(`${purchase.state as ActiveState}.done`);
    await go(purchase, move, deps);
    deps.reached(`${purchase.state as ActiveState}.left`);
  }
}

async function step(purchase: WaitingPurchase, deps: PurchaseDeps): ReturnType<Step> {
  try {
    return await (isOver(purchase, deps) ? give('TIMED_OUT') : STEPS[purchase.state as ActiveState](purchase, deps));
  } catch (error) {
    await wait(purchase, errorText(error), deps);
    throw error;
  }
}

/** The same at once, for a client that waits: what cannot be done now is done later. Goes on when the client leaves. */
export function advanceNow(purchaseId: string, deps: PurchaseDeps): Promise<void> {
  return deps.detached(() => advance(purchaseId, deps).catch(() => undefined));
}

type ActiveState = Exclude<PurchaseState, 'captured' | 'cancelled' | 'failed'>;
type Step = (purchase: Purchase, deps: PurchaseDeps) => Promise<Move | Refusal | undefined>;

const STEPS: Readonly<Record<ActiveState, Step>> = {
  created: async ({ reservationId, purchaseId, lines, expireTime }, { stock, clock }) => {
    const lifetimeMs = Math.max(0, expireTime.getTime() - clock.now().getTime()) + RESERVATION_MARGIN_MS;
    const isKept = await stock.reserve(reservationId, purchaseId, lines, lifetimeMs);
    // Stock is let go of all the same: the request of a replica that died may be on its way yet.
    return isKept ? { to: 'reserved' } : give('STOCK_INSUFFICIENT');
  },
  reserved: async (purchase, deps) => {
    const payment = await ask(purchase, 'created', 'authorise', deps);
    // Captured by hands at the provider: the rest follows.
    if (payment.state === 'authorised' || payment.state === 'captured') return { to: 'authorised' };
    if (hasFailed(payment)) return give(payment.declineCode === METHOD_GONE ? 'PAYMENT_METHOD_GONE' : 'PAYMENT_FAILED');
    if (payment.state === 'requires-action') await tellChallenge(purchase, deps);
    return undefined;
  },
  authorised: async ({ reservationId }, { stock }) =>
    (await stock.commit(reservationId)) ? { to: 'confirmed' } : give('STOCK_LOST'),
  confirmed: async (purchase, deps) => {
    const payment = await ask(purchase, 'authorised', 'capture', deps);
    if (payment.state === 'captured') return { to: 'captured' };
    if (hasFailed(payment)) return { to: 'returning', reason: 'CAPTURE_FAILED' };
    if (isGivenUp(payment, purchase, deps)) return { to: 'returning', reason: 'CAPTURE_DECLINED' };
    return refusalOf(payment, purchase, deps);
  },
  returning: async (purchase, deps) => {
    const payment = await letGo(purchase, deps);
    // It was being taken, by a replica that had not given up yet.
    if (payment.state === 'captured') return { to: 'captured', reason: '' };
    if (!hasFailed(payment) && !isGivenUp(payment, purchase, deps)) return refusalOf(payment, purchase, deps);
    // All that was sold, once: the return has the id of the reservation.
    await deps.stock.takeBack(purchase.reservationId, purchase.reservationId, []);
    return { to: 'failed' };
  },
  cancelling: async (purchase, deps) => {
    if (!(await deps.stock.release(purchase.reservationId))) return { to: 'confirmed', reason: '' };
    deps.reached('cancelling.released');
    const payment = await letGo(purchase, deps);
    if (payment.state === 'captured') {
      const stands = await payBack(purchase, deps);
      if (stands === 'pending') return undefined;
      const until = giveUpTime(purchase, deps);
      if (stands === 'declined' && until > deps.clock.now())
        return { refusal: 'the provider declined a refund', until };
    } else if (!hasFailed(payment) && !isGivenUp(payment, purchase, deps)) return refusalOf(payment, purchase, deps);
    return { to: purchase.reason === 'CANCELLED_BY_USER' ? 'cancelled' : 'failed' };
  },
};

async function give(reason: string): Promise<Move> {
  return { to: 'cancelling', reason };
}

function isOver({ state, expireTime }: Purchase, { clock }: PurchaseDeps): boolean {
  return ['created', 'reserved', 'authorised'].includes(state) && expireTime <= clock.now();
}

function hasFailed({ state }: Payment): boolean {
  return state === 'failed' || state === 'voided' || state === 'expired';
}

/** Whether the provider refused to capture or to void. */
function isRefused({ state, declineCode }: Payment): boolean {
  return state === 'authorised' && declineCode !== '';
}

/**
 * Whether the provider has refused for so long that it is not asked any more. Money that it would not let go of is never taken:
 * the payment waits for the end of its authorisation without the purchase.
 */
function isGivenUp(payment: Payment, purchase: Purchase, deps: PurchaseDeps): boolean {
  return isRefused(payment) && giveUpTime(purchase, deps) <= deps.clock.now();
}

function refusalOf(payment: Payment, purchase: Purchase, deps: PurchaseDeps): Refusal | undefined {
  if (!isRefused(payment)) return undefined;
  return { refusal: `the provider declined: ${payment.declineCode}`, until: giveUpTime(purchase, deps) };
}

function giveUpTime({ updateTime }: Purchase, { captureGiveUpAfterMs }: PurchaseDeps): Date {
  return plus(updateTime, captureGiveUpAfterMs);
}

const ASKED_FOR = { authorise: 'authorised', capture: 'captured' } as const;

/** Asks the provider for something, unless that was done before. @returns the payment as it is then. */
async function ask(
  { purchaseId, state, paymentId }: Purchase,
  from: Payment['state'],
  kind: 'authorise' | 'capture',
  deps: PurchaseDeps,
): Promise<Payment> {
  const operation = await deps.transact(async () => {
    // The purchase may be cancelled by now. Its lock keeps it from being so before the operation is written down.
    if ((await deps.purchases.lock(purchaseId))?.state !== state) return undefined;
    const payment = await lockPayment(paymentId, deps);
    if (payment.state !== from) return undefined;
    if (payment.amountMinor === 0n) return settleFree(payment, ASKED_FOR[kind], deps);
    if (kind === 'capture') return begin(payment, kind, payment.amountMinor, '', deps);
    const token = await tokenOf(payment, deps);
    return token === undefined ? settleGone(payment, deps) : begin(payment, kind, payment.amountMinor, token, deps);
  });
  if (operation) await attemptNow(operation, deps);
  return required(await deps.payments.read(paymentId));
}

/** @returns undefined when the user has removed the payment method since. */
async function tokenOf({ userId, paymentMethodId }: Payment, { methods }: PurchaseDeps): Promise<string | undefined> {
  const known = (await methods.list(userId)).find((method) => method.paymentMethodId === paymentMethodId);
  return known?.token;
}

/** Leaves a state, unless somebody else has. */
async function go(from: Purchase, { to, reason }: Move, deps: PurchaseDeps): Promise<void> {
  const now = deps.clock.now();
  await deps.transact(async () => {
    const purchase = await deps.purchases.lock(from.purchaseId);
    if (purchase?.state !== from.state) return;
    const next: Purchase = { ...purchase, state: to, reason: reason ?? purchase.reason, updateTime: now };
    await saveChange(next, isFinal(next) ? null : plus(now, deps.operationLeaseMs), deps);
    // Last: the number is locked until the end, and every purchase of the store that is captured then waits for it.
    if (to === 'captured') await deps.receipts.issue(next, now);
  });
}
