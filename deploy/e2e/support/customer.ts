import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { type Answer, call, registerSomebody } from './http.ts';
import { ok } from './shop.ts';

const SETTLED_WITHIN_MS = 20_000;

/** Somebody new who pays with a test token of the sandbox (svc-transactions/README.md). @returns the access token. */
export async function newCustomer(testToken: string): Promise<string> {
  const { accessToken: token } = await registerSomebody();
  ok(await call('POST', '/v1/transactions/paymentMethods', { token, body: { token: testToken } }));
  return token;
}

/** Buys some units of a variant. */
export function buy(
  token: string,
  variantId: string,
  quantity: number,
  key: string = randomUUID(),
  dispatcher?: Dispatcher,
): Promise<Answer> {
  const [headers, body] = [{ 'idempotency-key': key }, { lines: [{ variantId, quantity }] }];
  return call('POST', '/v1/transactions/purchases', { token, headers, body, ...(dispatcher && { dispatcher }) });
}

/** Reads something until it is as it should be. @returns it. */
export async function until(path: string, token: string, is: (body: Answer['body']) => boolean) {
  const deadline = Date.now() + SETTLED_WITHIN_MS;
  for (;;) {
    const body = ok(await call('GET', path, { token }));
    if (is(body)) return body;
    assert.ok(Date.now() < deadline, `${path} is still ${JSON.stringify(body)}`);
    await sleep(50);
  }
}
