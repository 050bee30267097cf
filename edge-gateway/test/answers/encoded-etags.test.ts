import assert from 'node:assert/strict';
import { afterThisTest } from '../support/cleanup.ts';
import { gatewayForThisTest } from '../support/gateway.ts';
import { assertProblem, faultsOf } from '../support/problems.ts';
import { startUpstream } from '../support/upstream.ts';

const LARGE = '/v1/testing/things/large';

describe('an answer in several encodings', () => {
  it('has a strong tag for each, and is not sent again to who knows one', async () => {
    const { app } = await gatewayForThisTest();
    const get = (encoding: string, known?: string) =>
      app.inject({
        url: LARGE,
        headers: { 'accept-encoding': encoding, ...(known !== undefined && { 'if-none-match': known }) },
      });
    const tags: string[] = [];
    for (const encoding of ['identity', 'gzip', 'br']) {
      const answer = await get(encoding);
      assert.equal(answer.statusCode, 200);
      assert.equal(answer.headers['content-encoding'] ?? 'identity', encoding);
      assert.match(String(answer.headers.vary), /accept-encoding/i);
      const tag = String(answer.headers.etag);
      assert.match(tag, /^"[^"]+"$/);
      tags.push(tag);
      const again = await get(encoding, tag);
      assert.equal(again.statusCode, 304, encoding);
      assert.equal(again.body, '');
      assert.match(String(again.headers.vary), /accept-encoding/i);
    }
    assert.equal(new Set(tags).size, 3);
    assert.equal((await get('gzip', '"v-other.gzip"')).statusCode, 200);
  });

  it('may be changed by the tag of any of them', async () => {
    const { app } = await gatewayForThisTest();
    for (const tag of ['"v1"', '"v1.gzip"', '"v1.br"']) {
      const answer = await app.inject({ method: 'DELETE', url: '/v1/testing/nodes/a', headers: { 'if-match': tag } });
      assert.equal(answer.json().etag, 'v1', tag);
    }
  });
});

describe('what a request says where it has no place', () => {
  it('is refused: If-Match on a create', async () => {
    const { app } = await gatewayForThisTest();
    for (const tag of ['"v1"', '*']) {
      const headers = { 'content-type': 'application/json', 'if-match': tag };
      const answer = await app.inject({ method: 'POST', url: '/v1/testing/things', headers, payload: '{}' });
      const [fault = ''] = faultsOf(assertProblem(answer, 400));
      assert.match(fault, /^If-Match /);
    }
  });
});

describe('members of a oneof', () => {
  it('are refused by path and query, and both are named', async () => {
    const stores = await startUpstream('svc-stores', { unary: {} });
    afterThisTest(() => stores.stop());
    const { app } = await gatewayForThisTest({ upstreams: { 'svc-stores': stores } });
    const id = `store_${'0'.repeat(26)}`;
    for (const url of [`/v1/stores/${id}?slug=shop`, '/v1/stores/slugs/shop?storeId=x']) {
      const { errors = [] } = assertProblem(await app.inject({ url }), 400);
      const fault = errors.find(({ reason }) => reason === 'ONEOF_CONFLICT');
      const words = `${fault?.field} ${fault?.message}`;
      assert.ok(/storeId|store_id/.test(words) && words.includes('slug'), words);
    }
  });
});

describe('the origin of an app', () => {
  it('is allowed in a real answer as it was configured, and another is not', async () => {
    const env = { CORS_ORIGINS: 'capacitor://localhost,ionic://localhost/,https://shop.example/' };
    const { app } = await gatewayForThisTest({ env });
    for (const origin of ['capacitor://localhost', 'ionic://localhost', 'https://shop.example']) {
      const answer = await app.inject({ url: '/v1/testing/echo/a', headers: { origin } });
      assert.equal(answer.headers['access-control-allow-origin'], origin);
      const preflight = await app.inject({
        method: 'OPTIONS',
        url: '/v1/testing/echo/a',
        headers: { origin, 'access-control-request-method': 'GET' },
      });
      assert.equal(preflight.headers['access-control-allow-origin'], origin);
      assert.ok(preflight.statusCode < 300);
    }
    for (const origin of ['capacitor://localhost.evil', 'capacitor://other', 'http://shop.example', 'null']) {
      const answer = await app.inject({ url: '/v1/testing/echo/a', headers: { origin } });
      assert.equal(answer.headers['access-control-allow-origin'], undefined, origin);
    }
  });
});
