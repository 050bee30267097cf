import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { request } from 'undici';
import { assertProblem, call, http1, registerSomebody } from '../support/http.ts';
import { url } from '../support/mesh.ts';
import { createLamp, lamp, openStore, type Product } from '../support/shop.ts';

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

  it('is changed by its staff alone', async () => {
    const { storeId } = await openStore();
    const { accessToken: stranger } = await registerSomebody();
    const attempt = await call('POST', `/v1/stores/${storeId}/products`, { token: stranger, body: lamp('Not mine') });
    assert.equal(attempt.status, 403, JSON.stringify(attempt.body));
    assert.equal((await call('POST', `/v1/stores/${storeId}/products`, { body: lamp('Nobody’s') })).status, 401);
  });

  it('tells of its changes as server-sent events, from where a client left off', async () => {
    const shop = await openStore();
    const { token, storeId } = shop;
    const { productId } = await createLamp(shop, 'Watched lamp');
    await call('POST', `/v1/stores/products/${productId}:publish`, { token, body: {} });
    const abort = new AbortController();
    const { statusCode, headers, body } = await request(`${url}/v1/stores/catalog:watch?storeId=${storeId}`, {
      dispatcher: http1,
      headers: { accept: 'text/event-stream' },
      signal: abort.signal,
    });
    assert.equal(statusCode, 200);
    assert.match(String(headers['content-type']), /^text\/event-stream/);
    let text = '';
    for await (const chunk of body) {
      text += chunk;
      if (text.includes(productId)) break;
    }
    abort.abort();
    assert.match(text, /^id: ?\S+$/m);
  });

  it('takes products in bulk, and reports each bad row', async () => {
    const { token, storeId } = await openStore();
    const rows = [lamp('First'), { ...lamp('Second'), variants: [] }, lamp('Third')];
    const { status, body } = await call('POST', `/v1/stores/${storeId}/products:import`, {
      token,
      headers: { 'content-type': 'application/x-ndjson' },
      body: rows.map((product) => JSON.stringify({ product, publish: true })).join('\n'),
    });
    assert.equal(status, 200, JSON.stringify(body));
    const { products } = (await call('GET', `/v1/stores/${storeId}/products`)).body;
    assert.deepEqual((products as { name: string }[]).map(({ name }) => name).sort(), ['First', 'Third']);
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
