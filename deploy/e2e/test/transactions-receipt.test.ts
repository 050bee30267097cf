import assert from 'node:assert/strict';
import { request } from 'undici';
import { buy, newCustomer } from '../support/customer.ts';
import { assertProblem, call, http1 } from '../support/http.ts';
import { url } from '../support/mesh.ts';
import { ok, openStore, sellLamp } from '../support/shop.ts';

describe('a receipt', () => {
  it('is there for who bought and for the store, as JSON and to print, and for nobody else', async () => {
    const shop = await openStore();
    const { variantId } = await sellLamp(shop);
    const token = await newCustomer('tok_success');
    const [first, second] = [ok(await buy(token, variantId, 1)), ok(await buy(token, variantId, 2))];
    const [path, next] = [first, second].map(({ purchaseId }) => `/v1/transactions/purchases/${purchaseId}/receipt`);
    const receipt = ok(await call('GET', String(path), { token }));
    assert.match(String(receipt.number), /^20\d\d-000001$/);
    assert.match(String(ok(await call('GET', String(next), shop)).number), /^20\d\d-000002$/);
    assert.deepEqual([receipt.lines, receipt.total], [first.lines, first.total]);
    assert.deepEqual([receipt.storeName, receipt.storeCountryCode], ['Lamps and more', 'ES']);

    const headers = { authorization: `Bearer ${token}` };
    const printed = await request(`${url}${path}.pdf`, { headers, dispatcher: http1 });
    const pdf = Buffer.from(await printed.body.arrayBuffer());
    assert.deepEqual([printed.statusCode, printed.headers['content-type']], [200, 'application/pdf']);
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
    assert.match(pdf.toString('latin1'), new RegExp(`Receipt ${receipt.number}[^]*%%EOF\\s*$`));

    const stranger = await newCustomer('tok_success');
    for (const suffix of ['', '.pdf']) {
      assertProblem(await call('GET', `${path}${suffix}`, { token: stranger }), 404, 'PURCHASE_NOT_FOUND');
    }
  });

  it('is not there for what was not paid for', async () => {
    const { variantId } = await sellLamp(await openStore());
    const token = await newCustomer('tok_card_declined');
    const { purchaseId } = ok(await buy(token, variantId, 1));
    for (const suffix of ['', '.pdf']) {
      const answer = await call('GET', `/v1/transactions/purchases/${purchaseId}/receipt${suffix}`, { token });
      assertProblem(answer, 400, 'PURCHASE_STATE_WRONG');
    }
  });
});
