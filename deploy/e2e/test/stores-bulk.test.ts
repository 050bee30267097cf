import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { typeid } from 'typeid-js';
import { request } from 'undici';
import { call, http1 } from '../support/http.ts';
import { url } from '../support/mesh.ts';
import { lamp, ok, openStore, type Shop } from '../support/shop.ts';

const BATCH = 1_000;
const LOOK_EVERY_MS = 50;

interface Import {
  readonly importId: string;
  readonly rowCount: number;
  readonly createdCount: number;
  readonly updatedCount: number;
  readonly failedCount: number;
}

describe('products in bulk', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await openStore();
  });

  const send = async (ndjson: string) => {
    const headers = { 'content-type': 'application/x-ndjson' };
    const path = `/v1/stores/${shop.storeId}/products:import`;
    return ok(await call('POST', path, { token: shop.token, headers, body: ndjson }));
  };
  const countsOf = (answer: Readonly<Record<string, unknown>>) => {
    const { rowCount, createdCount, updatedCount, failedCount } = answer.import as Import;
    return { rowCount, createdCount, updatedCount, failedCount };
  };
  const exported = async () => {
    const { statusCode, headers, body } = await request(`${url}/v1/stores/${shop.storeId}/products:export`, {
      dispatcher: http1,
      headers: { accept: 'application/x-ndjson', authorization: `Bearer ${shop.token}` },
    });
    assert.equal(statusCode, 200);
    assert.match(String(headers['content-type']), /^application\/x-ndjson/);
    return body.text();
  };
  const line = (row: object) => `${JSON.stringify(row)}\n`;

  it('takes back what it gave out, and nothing is changed by that', async () => {
    const category = ok(
      await call('POST', `/v1/stores/${shop.storeId}/categories`, { token: shop.token, body: { name: 'Lamps' } }),
    );
    const [variant] = lamp('').variants;
    const rich = {
      ...lamp('灯 «Lámpara»'),
      description: 'One line\nand another',
      categoryId: category.categoryId,
      attributes: [{ name: 'Material', value: 'Oak' }],
      options: ['Size'],
      images: [{ url: 'https://example.com/a.jpg', altText: 'A lamp' }],
      taxClass: 'reduced',
      variants: ['S', 'M'].map((size) => ({ ...variant, sku: randomUUID(), optionValues: [size], weightGrams: 900 })),
    };
    await send(line({ product: rich, publish: true }) + line({ product: lamp('Draft') }));
    const before = await exported();
    assert.equal(before.trim().split('\n').length, 2);
    for (let time = 0; time < 2; time += 1) {
      assert.deepEqual(countsOf(await send(before)), { rowCount: 2, createdCount: 0, updatedCount: 2, failedCount: 0 });
      assert.equal(await exported(), before);
    }
  });

  it('reports a bad row with its number and its reason, and takes all others', async () => {
    const rows = [
      lamp('First'),
      { ...lamp('Second'), variants: [] },
      { ...lamp('Third'), tags: ['a', 'a'] },
      lamp('Last'),
    ];
    const said = await send(rows.map((product) => line({ product, publish: true })).join(''));
    assert.deepEqual(countsOf(said), { rowCount: 4, createdCount: 2, updatedCount: 0, failedCount: 2 });
    assert.deepEqual(
      (said.failedRows as { rowNumber: number; reason: string; message: string }[]).map(
        ({ rowNumber, reason, message }) => [rowNumber, reason, /product\.(variants|tags)/.test(message)],
      ),
      [
        [2, 'PRODUCT_INVALID', true],
        [3, 'MESSAGE_INVALID', true],
      ],
    );
    const { products } = ok(await call('GET', `/v1/stores/${shop.storeId}/products`));
    assert.deepEqual((products as { name: string }[]).map(({ name }) => name).toSorted(), ['First', 'Last']);
  });

  it('goes on by its import id where a client was cut off', async () => {
    const importId = typeid('imp').toString();
    const rows = Array.from({ length: BATCH + 200 }, (_, at) => line({ importId, product: lamp(`Lamp ${at}`) }));
    const cut = new AbortController();
    const half = new PassThrough();
    const broken = request(`${url}/v1/stores/${shop.storeId}/products:import`, {
      method: 'POST',
      dispatcher: http1,
      signal: cut.signal,
      headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${shop.token}` },
      body: half,
    });
    const ended = assert.rejects(broken);
    if (!half.write(rows.slice(0, BATCH + 100).join(''))) await once(half, 'drain');
    while ((await progress(importId)) < BATCH) await sleep(LOOK_EVERY_MS);
    cut.abort();
    await ended;
    const again = await sendUntilFree(rows.join(''));
    const counts = { rowCount: rows.length, createdCount: rows.length, updatedCount: 0, failedCount: 0 };
    assert.deepEqual(countsOf(again), counts);
    assert.deepEqual(countsOf(await send(rows.join(''))), counts);
  });

  const progress = async (importId: string) => {
    const { status, body } = await call('GET', `/v1/stores/imports/${importId}`, { token: shop.token });
    return status === 200 ? (body as unknown as Import).rowCount : 0;
  };

  /** The call that was cut off may be at work for a moment yet. */
  const sendUntilFree = async (ndjson: string): Promise<Readonly<Record<string, unknown>>> => {
    const headers = { 'content-type': 'application/x-ndjson' };
    const path = `/v1/stores/${shop.storeId}/products:import`;
    for (;;) {
      const answer = await call('POST', path, { token: shop.token, headers, body: ndjson });
      if (answer.body.reason !== 'IMPORT_BUSY') return ok(answer);
      await sleep(LOOK_EVERY_MS);
    }
  };
});
