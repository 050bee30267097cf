import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import type { Client } from './client.ts';
import { newPerson, type Person } from './market.ts';
import type { Plan, Refund } from './plan.ts';

const POLL_MS = 150;
/** How long an action that is required is looked for. */
const CHALLENGE_MS = 240_000;
/** Why a refund is refused that comes too late. */
const TOO_MUCH = ['REFUND_TOO_LARGE', 'UNITS_TOO_MANY', 'PURCHASE_STATE_WRONG'];
const FINAL = ['CAPTURED', 'PARTLY_REFUNDED', 'REFUNDED', 'CANCELLED', 'FAILED'];

/** A purchase, as its buyer knows it. */
export interface Bought {
  readonly plan: Plan;
  readonly purchaseId: string;
  readonly paymentId: string;
}

/** Somebody who buys, one after another. */
export interface Shopper {
  /** Does everything of a plan. @returns undefined when there is too little left. */
  buy(plan: Plan): Promise<Bought | undefined>;
  /** How many purchases the service says that they made. */
  countPurchases(): Promise<number>;
}

type Body = Readonly<Record<string, unknown>>;
type Money = { readonly currencyCode: string; readonly amountMinor: string };

export async function newShopper(client: Client): Promise<Shopper> {
  const person = await newPerson(client);
  const methods = new Map<string, string>();
  const methodOf = async (token: string) => {
    const known = methods.get(token);
    if (known !== undefined) return known;
    const body = { token };
    const made = await client.must('POST', '/v1/transactions/paymentMethods', {
      ...person,
      body,
      key: randomUUID(),
    });
    methods.set(token, String(made.paymentMethodId));
    return String(made.paymentMethodId);
  };
  return {
    buy: async (plan) => {
      const body = { lines: plan.lines, paymentMethodId: await methodOf(plan.token) };
      const ended = new AbortController();
      const cancelled = cancelSoon(client, person, plan, ended.signal);
      const purchase = await create(client, person, body, plan.twice);
      ended.abort();
      await cancelled;
      if (!purchase) return undefined;
      const [purchaseId, paymentId] = [String(purchase.purchaseId), String(purchase.paymentId)];
      if (plan.token === 'tok_challenge') await answerChallenge(client, person, plan, purchaseId, paymentId);
      if (plan.cancelAfterMs !== undefined) await cancel(client, person, purchaseId);
      if (plan.refunds.length > 0) await refund(client, person, plan, purchaseId, paymentId);
      return { plan, purchaseId, paymentId };
    },
    countPurchases: async () => {
      let [count, pageToken] = [0, ''];
      do {
        const page = await client.must('GET', `/v1/transactions/purchases?pageSize=100&pageToken=${pageToken}`, person);
        count += (page.purchases as unknown[] | undefined)?.length ?? 0;
        pageToken = String(page.nextPageToken ?? '');
      } while (pageToken !== '');
      return count;
    },
  };
}

/**
 * Buys, and sends the request twice if the plan says so: both answers are about one purchase then. A request that was refused
 * gives its key back, and the other one, which heard until then that the key is in use, may find what was missing.
 */
async function create(client: Client, person: Person, body: object, twice: boolean): Promise<Body | undefined> {
  const key = randomUUID();
  const send = () => client.ask('POST', '/v1/transactions/purchases', { ...person, body, key });
  const answers = await Promise.all(twice ? [send(), send()] : [send()]);
  const odd = answers.find(({ status, reason }) => status !== 200 && reason !== 'LINES_UNSERVABLE');
  if (odd) throw new Error(`a purchase is refused: ${odd.status} ${JSON.stringify(odd.body)}`);
  const [made, again] = answers.filter(({ status }) => status === 200);
  if (made && again && made.body.purchaseId !== again.body.purchaseId) {
    throw new Error(`two purchases by one key: ${JSON.stringify(made)} ${JSON.stringify(again)}`);
  }
  return made?.body;
}

/** Cancels the newest purchase while it may still be on its way. */
async function cancelSoon(client: Client, person: Person, plan: Plan, ended: AbortSignal): Promise<void> {
  if (plan.cancelAfterMs === undefined) return;
  await sleep(plan.cancelAfterMs);
  if (ended.aborted) return;
  const { purchases } = await client.must('GET', '/v1/transactions/purchases?pageSize=1', person);
  const newest = (purchases as Body[] | undefined)?.[0];
  if (newest && !isFinal(newest)) await cancel(client, person, String(newest.purchaseId));
}

async function cancel(client: Client, person: Person, purchaseId: string): Promise<void> {
  const path = `/v1/transactions/purchases/${purchaseId}:cancel`;
  const { status, reason } = await client.ask('POST', path, { ...person, body: {} });
  if (status !== 200 && reason !== 'PURCHASE_STATE_WRONG')
    throw new Error(`a cancellation answers ${status} ${reason}`);
}

async function answerChallenge(client: Client, person: Person, plan: Plan, purchaseId: string, paymentId: string) {
  const actionUrl = await actionOf(client, person, purchaseId, paymentId);
  if (actionUrl === undefined) return;
  if (plan.challenge === 'leave') return cancel(client, person, purchaseId);
  const answered = untilTaken(`${actionUrl}/${plan.challenge}`);
  if (plan.cancelsAtChallenge) await cancel(client, person, purchaseId);
  await answered;
}

/** Where the user has to go to; undefined when that is not wanted any more. */
async function actionOf(client: Client, person: Person, purchaseId: string, paymentId: string) {
  const end = Date.now() + CHALLENGE_MS;
  while (Date.now() < end) {
    const { actionUrl } = await client.must('GET', `/v1/transactions/payments/${paymentId}`, person);
    if (actionUrl) return String(actionUrl);
    if (isFinal(await client.must('GET', `/v1/transactions/purchases/${purchaseId}`, person))) return undefined;
    await sleep(POLL_MS);
  }
  throw new Error(`${purchaseId} neither ends nor says where to go`);
}

/** A browser that is reloaded until the sandbox is there. */
async function untilTaken(url: string): Promise<void> {
  for (;;) {
    const status = await request(url, { method: 'POST' }).then(
      async ({ statusCode, body }) => body.dump().then(() => statusCode),
      () => 0,
    );
    if (status === 200 || status === 404) return;
    await sleep(POLL_MS);
  }
}

/** The store pays back, once there is something: all that is refused is more than there is. */
async function refund(client: Client, person: Person, plan: Plan, purchaseId: string, paymentId: string) {
  const { state, total } = await client.must('GET', `/v1/transactions/purchases/${purchaseId}`, person);
  if (!/CAPTURED|REFUNDED/.test(String(state))) return;
  const { token } = plan.store.owner;
  const sent = plan.refunds.map((one) => {
    const path = one.of === 'payment' ? `payments/${paymentId}` : `purchases/${purchaseId}`;
    const body = { ...whatOf(one, plan, total as Money), reason: 'not as shown' };
    return client.ask('POST', `/v1/transactions/${path}:refund`, { token, body, key: randomUUID() });
  });
  for (const { status, reason } of await Promise.all(sent)) {
    if (status !== 200 && !TOO_MUCH.includes(reason)) throw new Error(`a refund answers ${status} ${reason}`);
  }
}

function whatOf(one: Refund, { lines }: Plan, { currencyCode, amountMinor }: Money): object {
  if (one.of === 'units') return { lines: [{ ...lines[0], quantity: 1 }], restock: one.restock };
  return { amount: { currencyCode, amountMinor: `${Math.max(1, Math.floor(Number(amountMinor) * one.share))}` } };
}

function isFinal({ state }: Body): boolean {
  return FINAL.includes(String(state).replace('PURCHASE_STATE_', ''));
}
