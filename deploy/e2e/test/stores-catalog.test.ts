import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { request } from 'undici';
import { assertProblem, call, http1, registerSomebody } from '../support/http.ts';
import { url } from '../support/mesh.ts';

interface Product {
  readonly productId: string;
  readonly state: string;
  readonly variants: readonly { variantId: string; inStock: boolean }[];
}

/** A store of somebody new. */
async function openStore() {
  const { accessToken: token } = await registerSomebody();
  const slug = `e2e-${randomUUID().slice(0, 8)}`;
  const body = { slug, name: 'Lamps and more', currencyCode: 'EUR', countryCode: 'ES' };
  const { status, body: store } = await call('POST', '/v1/stores', { token, body });
  assert.equal(status, 200, JSON.stringify(store));
  return { token, storeId: String(store.storeId), slug };
}

function lamp(name: string) {
  const price = { amount: { currencyCode: 'EUR', amountMinor: '12900' } };
  return { name, tags: ['e2e'], variants: [{ sku: randomUUID(), prices: [price], initialStock: 3 }] };
}

async function createLamp(token: string, storeId: string, name: string): Promise<Product> {
  const { status, body } = await call('POST', `/v1/stores/${storeId}/products`, { token, body: lamp(name) });
  assert.equal(status, 200, JSON.stringify(body));
  return body as unknown as Product;
}

describe('a store', () => {
  it('shows what its owner published to everybody, and nothing else', async () => {
    const { token, storeId } = await openStore();
    const name = `Lamp ${randomUUID()}`;
    const { productId } = await createLamp(token, storeId, name);
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
    const { token, storeId } = await openStore();
    const { productId } = await createLamp(token, storeId, 'Watched lamp');
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
