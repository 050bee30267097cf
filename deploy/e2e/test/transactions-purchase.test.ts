import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Agent, request } from 'undici';
import { buy, newCustomer, until } from '../support/customer.ts';
import { type Answer, assertProblem, call, PASSWORD, registerSomebody } from '../support/http.ts';
import { requestsAt } from '../support/logs.ts';
import { ca, cli } from '../support/mesh.ts';
import { ok, openStore, type Shop, sellLamp } from '../support/shop.ts';

const WEBHOOK = '/v1/transactions/providers/{provider}/webhook';
const EUR = (amountMinor: number) => ({ currencyCode: 'EUR', amountMinor: String(amountMinor) });
/** Two lamps, 16 % of taxes on top, and what the store is owed of it: 2.5 % less, rounded for Malla down. */
const [SUBTOTAL, TAX, OWED] = [25_800, 4_128, 29_180];
const run = promisify(execFile);

describe('a purchase', () => {
  let shop: Shop;
  before(async () => {
    shop = await openStore();
  });

  it('is quoted, paid and delivered from stock once, whatever is repeated; the store is owed the money', async () => {
    const { productId, variantId } = await sellLamp(shop);
    const token = await newCustomer('tok_success');
    const told = requestsAt(WEBHOOK).length;
    const lines = [{ variantId, quantity: 2 }];
    const quote = ok(await call('POST', '/v1/transactions/purchases:quote', { token, body: { lines } }));
    assert.deepEqual([quote.subtotal, quote.tax, quote.total], [EUR(SUBTOTAL), EUR(TAX), EUR(SUBTOTAL + TAX)]);

    const key = randomUUID();
    const first = await buy(token, variantId, 2, key);
    assert.equal(ok(first).state, 'PURCHASE_STATE_CAPTURED');
    assert.deepEqual(first.body.total, quote.total);
    const again = await buy(token, variantId, 2, key);
    assert.deepEqual(again.body, first.body);
    assert.equal(first.headers['idempotent-replayed'], undefined);
    assert.equal(again.headers['idempotent-replayed'], 'true');

    const { stock } = ok(await call('GET', `/v1/stores/stock:batchGet?variantIds=${variantId}`, shop));
    assert.deepEqual(stock, [{ variantId, onHand: 1, reserved: 0, available: 1, sold: '2' }]);
    assertProblem(await buy(token, variantId, 2), 400, 'LINES_UNSERVABLE');
    assert.equal(ok(await buy(token, variantId, 1)).state, 'PURCHASE_STATE_CAPTURED');
    await until(`/v1/stores/products/${productId}`, token, isSoldOut);
    const { purchases } = ok(await call('GET', `/v1/transactions/stores/${shop.storeId}/purchases`, shop));
    assert.deepEqual(
      (purchases as { total: unknown }[]).map(({ total }) => total),
      [EUR((SUBTOTAL + TAX) / 2), quote.total],
    );
    assert.equal(await owed(shop), 1.5 * OWED);
    await webhooksArrived(told, 4);
  });

  it('is made once by a thousand requests at once with one key: one charge, equal answers or 409', async () => {
    const { variantId } = await sellLamp(shop);
    const token = await newCustomer('tok_success');
    const key = randomUUID();
    // Streams of ten connections arrive together, where a thousand handshakes of TLS would come one after the other.
    const http2 = new Agent({ connect: { ca }, allowH2: true, connections: 10, pipelining: 100 });
    const attempt = () => buy(token, variantId, 1, key, http2);
    // A deadline that passes on a busy machine leaves the answer unknown: the client asks again with its key.
    const known = async () => {
      const answer = await attempt();
      return answer.status === 504 ? attempt() : answer;
    };
    const answers = await Promise.all(Array.from({ length: 1_000 }, known));
    await http2.close();
    const purchase = ok(await buy(token, variantId, 1, key));
    const made = answers.filter(({ status }) => status === 200);
    assert.ok(made.length > 0);
    for (const { body } of made) assert.deepEqual(body, purchase);
    for (const answer of answers) if (answer.status !== 200) assertProblem(answer, 409, 'IDEMPOTENCY_KEY_IN_USE');
    const { purchases } = ok(await call('GET', '/v1/transactions/purchases', { token }));
    assert.deepEqual(purchases, [purchase]);
    const { stock } = ok(await call('GET', `/v1/stores/stock:batchGet?variantIds=${variantId}`, shop));
    assert.deepEqual(stock, [{ variantId, onHand: 2, reserved: 0, available: 2, sold: '1' }]);
  });

  it('waits for the challenge of the customer’s bank, and goes on by itself once that is passed', async () => {
    const { variantId } = await sellLamp(shop);
    const token = await newCustomer('tok_challenge');
    const purchase = ok(await buy(token, variantId, 1));
    assert.equal(purchase.state, 'PURCHASE_STATE_RESERVED');
    const payment = ok(await call('GET', `/v1/transactions/payments/${purchase.paymentId}`, { token }));
    assert.equal(payment.state, 'PAYMENT_STATE_REQUIRES_ACTION');
    const told = requestsAt(WEBHOOK).length;
    const passed = await request(`${payment.actionUrl}/pass`, { method: 'POST' });
    assert.equal(passed.statusCode, 200);
    await passed.body.dump();
    const captured = ({ state }: { state?: unknown }) => state === 'PURCHASE_STATE_CAPTURED';
    await until(`/v1/transactions/purchases/${purchase.purchaseId}`, token, captured);
    await webhooksArrived(told, 1);
  });

  it('fails with its reason when the card is declined, and gives the stock back', async () => {
    const { variantId } = await sellLamp(shop);
    const declined = ok(await buy(await newCustomer('tok_card_declined'), variantId, 3));
    assert.deepEqual([declined.state, declined.reason], ['PURCHASE_STATE_FAILED', 'PAYMENT_FAILED']);
    assert.equal(ok(await buy(await newCustomer('tok_success'), variantId, 3)).state, 'PURCHASE_STATE_CAPTURED');
  });

  it('leaves a ledger that an operator can verify, and nobody else', async () => {
    const { email, accessToken } = await registerSomebody();
    const verify = (token: string) => call('POST', '/v1/transactions/ledger:verify', { token, body: {} });
    assertProblem(await verify(accessToken), 403, 'PERMISSION_MISSING');
    await run(cli, ['job', 'svc-users', 'grant', '--unverified', email, 'ledger:verify']);
    assertProblem(await verify(accessToken), 403, 'PERMISSION_MISSING');
    const login = ok(await call('POST', '/v1/users/login', { body: { email, password: PASSWORD } }));
    const { faults, transferCount } = ok(await verify(String(login.access_token)));
    assert.deepEqual(faults, []);
    assert.ok(Number(transferCount) > 0);
  });
});

const isSoldOut = ({ variants }: Answer['body']) => (variants as { inStock: boolean }[]).every((each) => !each.inStock);

/** What a store is owed, in minor units of its currency. */
async function owed({ token, storeId }: Shop): Promise<number> {
  const { accounts } = ok(await call('GET', `/v1/transactions/stores/${storeId}/balances`, { token }));
  const list = accounts as { purpose: string; posted: { amountMinor: string } }[];
  return Number(list.find(({ purpose }) => purpose === 'ACCOUNT_PURPOSE_STORE_PAYABLE')?.posted.amountMinor);
}

/** Waits until the provider has told of something through the gateway, and looks whether each was taken. */
async function webhooksArrived(before: number, count: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (requestsAt(WEBHOOK).length < before + count && Date.now() < deadline) await sleep(50);
  const statuses = requestsAt(WEBHOOK)
    .slice(before)
    .map(({ status }) => status);
  assert.ok(statuses.length >= count, `${statuses.length} webhooks arrived`);
  assert.deepEqual([...new Set(statuses)], [200]);
}
