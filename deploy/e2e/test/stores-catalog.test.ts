import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { assertProblem, call, registerSomebody } from '../support/http.ts';
import { createLamp, lamp, ok, openStore, type Product } from '../support/shop.ts';

describe('a store', () => {
  it('shows what its owner published to everybody, and nothing else', async () => {
    const shop = await openStore();
    const { token, storeId } = shop;
    const name = `Lamp ${randomUUID()}`;
    const { productId } = await createLamp(shop, name);
    assert.equal((await call('GET', `/v1/stores/products/${productId}`)).status, 404);

    const published = await call('POST', `/v1/stores/products/${productId}:publish`, { token, body: {} });
    assert.equal(published.body.state, 'PRODUCT_STATE_PUBLISHED', JSON.stringify(published.body));
    const listed = await call('GET', `/v1/stores/${storeId}/products`);
    assert.deepEqual(
      (listed.body.products as Product[]).map((product) => product.productId),
      [productId],
    );
    const found = await call('GET', `/v1/stores/products?query=${encodeURIComponent(name)}&storeId=${storeId}`);
    assert.equal(found.status, 200, JSON.stringify(found.body));
    assert.ok(JSON.stringify(found.body).includes(productId));
  });

  it('shows a change at once, though what everybody reads is kept at the edge, and never keeps a draft', async () => {
    const shop = await openStore();
    const { token, storeId } = shop;
    const { productId } = await createLamp(shop, 'Draft');
    const path = `/v1/stores/products/${productId}`;
    const hidden = await call('GET', path);
    const managed = await call('GET', `${path}:manage`, { token });
    assert.deepEqual([hidden.status, managed.status], [404, 200]);
    for (const { headers } of [hidden, managed]) assert.equal(headers['cache-control'], 'no-store');
    await call('POST', `${path}:publish`, { token, body: {} });
    const reads = [path, `/v1/stores/${storeId}/products`, `/v1/stores/products?storeId=${storeId}`];
    const names = async () => {
      const answers = await Promise.all(reads.map((read) => call('GET', read)));
      for (const { headers } of answers) assert.match(String(headers['cache-control']), /^public, max-age=\d,/);
      return answers.map(({ body }) => /"name":"([^"]+)"/.exec(JSON.stringify(body))?.[1]);
    };
    for (const name of ['First', 'Second', 'Third']) {
      ok(await call('PATCH', path, { token, body: { name } }));
      assert.deepEqual(await names(), [name, name, name]);
    }
    await call('POST', `${path}:archive`, { token, body: {} });
    assert.equal((await call('GET', path)).status, 404);
  });

  it('is changed by its staff alone', async () => {
    const { storeId } = await openStore();
    const { accessToken: stranger } = await registerSomebody();
    const attempt = await call('POST', `/v1/stores/${storeId}/products`, { token: stranger, body: lamp('Not mine') });
    assert.equal(attempt.status, 403, JSON.stringify(attempt.body));
    assert.equal((await call('POST', `/v1/stores/${storeId}/products`, { body: lamp('Nobody’s') })).status, 401);
  });

  it('refuses a price that is no money', async () => {
    const { token, storeId } = await openStore();
    const product = {
      ...lamp('Odd'),
      variants: [{ sku: 'x', prices: [{ amount: { currencyCode: 'euro', amountMinor: '1' } }] }],
    };
    const bad = await call('POST', `/v1/stores/${storeId}/products`, { token, body: product });
    assertProblem(bad, 400, 'MESSAGE_INVALID');
    const [fault] = bad.body.errors as { field: string }[];
    assert.match(fault?.field ?? '', /variants\[0\]\.prices\[0\]\.amount\.currencyCode/);
  });
});
