import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { newCustomer } from '../support/customer.ts';
import { call } from '../support/http.ts';
import { allLogs } from '../support/logs.ts';

/** A test number of Visa's, as people type it. */
const DIGITS = '4242424242424242';
const FORMS = [
  DIGITS,
  '4242 4242 4242 4242',
  '4242-4242-4242-4242',
  '4242:4242:4242:4242',
  '4242 ~ 4242 ~ 4242 ~ 4242',
];

describe('a card number', () => {
  it('is refused in every field, and is in no log', async () => {
    const token = await newCustomer('tok_success');
    const lines = [{ variantId: 'var_01m8686p1jeh3ta4aezg82dtw2', quantity: 1 }];
    const attempts = FORMS.flatMap((number) => [
      call('POST', '/v1/transactions/paymentMethods', { token, body: { token: number } }),
      call('POST', '/v1/transactions/paymentMethods', { token, body: { token: `tok ${number}` } }),
      buyWith(token, { lines }, number),
      buyWith(token, { lines, paymentMethodId: number }),
      buyWith(token, { lines: [{ variantId: number, quantity: 1 }] }),
      buyWith(token, { lines, [number]: 'x' }),
      call('GET', `/v1/transactions/purchases/${encodeURIComponent(number)}`, { token }),
      call('GET', `/v1/transactions/payments?pageToken=${encodeURIComponent(number)}`, { token }),
      call('PATCH', '/v1/users/me', { token, body: { display_name: number } }),
      call('GET', `/v1/stores/products?query=${encodeURIComponent(number)}`, { token }),
    ]);
    for (const { status, body } of await Promise.all(attempts)) {
      assert.equal(status, 400, JSON.stringify(body));
    }
    for (const number of FORMS) assert.ok(!allLogs().includes(number));
  });

  it('is not seen in lists, telephone numbers and hashes', async () => {
    const token = await newCustomer('tok_success');
    for (const name of ['36, 37, 38, 39, 40, 41, 42, 43, 44', '+5511998765003', '5f829379246581434457e8acace120f5']) {
      const { status, body } = await call('PATCH', '/v1/users/me', { token, body: { display_name: name } });
      assert.equal(status, 200, JSON.stringify(body));
    }
  });
});

function buyWith(token: string, body: object, key: string = randomUUID()) {
  return call('POST', '/v1/transactions/purchases', { token, headers: { 'idempotency-key': key }, body });
}
