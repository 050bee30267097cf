import assert from 'node:assert/strict';
import { createTestGateway, type TestGateway } from '../support/gateway.ts';
import { assertProblem } from '../support/problems.ts';

const ORIGIN = 'https://shop.test';

describe('routing', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await createTestGateway({ env: { CORS_ORIGINS: ORIGIN } });
  });
  after(() => gateway.stop());

  it('makes a route of every binding of every annotated RPC', async () => {
    const echo = { text: 'a', number: '0', caller: '' };
    assert.deepEqual((await gateway.app.inject('/v1/testing/echo/a')).json(), echo);
    const post = await gateway.app.inject({ method: 'POST', url: '/v1/testing/echo', payload: { text: 'a' } });
    assert.deepEqual(post.json(), echo);
    const cancel = await gateway.app.inject({
      method: 'POST',
      url: '/v1/testing/things/7:cancel',
      headers: { 'idempotency-key': 'k' },
      payload: { cause: 'late' },
    });
    assert.deepEqual(cancel.json(), { thingId: '7', cause: 'late' });
    const purge = await gateway.app.inject({ method: 'PURGE' as 'GET', url: '/v1/testing/things/7' });
    assert.deepEqual(purge.json(), { thingId: '7' });
  });

  it('reaches no RPC that has no annotation, and no route by its inner name', async () => {
    for (const url of ['/malla.testing.v1.EchoService/EchoService', '/-/1', '/-/nowhere', '/-/1?a=b']) {
      assertProblem(await gateway.app.inject({ method: 'POST', url, payload: {} }), 404, 'ROUTE_NOT_FOUND');
    }
  });

  it('answers HEAD as GET, without the body', async () => {
    const [head, get] = await Promise.all([
      gateway.app.inject({ method: 'HEAD', url: '/v1/testing/things/a' }),
      gateway.app.inject('/v1/testing/things/a'),
    ]);
    assert.equal(head.statusCode, 200);
    assert.equal(head.body, '');
    for (const name of ['content-type', 'content-length', 'etag', 'cache-control']) {
      assert.equal(head.headers[name], get.headers[name], name);
    }
  });

  it('answers 404 and 405 whatever the body claims to be', async () => {
    const headers = { 'content-type': 'application/json' };
    const put = await gateway.app.inject({ method: 'PUT', url: '/v1/testing/things/a:cancel', headers });
    assertProblem(put, 405, 'METHOD_NOT_ALLOWED');
    const broken = await gateway.app.inject({
      method: 'PUT',
      url: '/v1/testing/things/a:cancel',
      headers,
      payload: '{',
    });
    assertProblem(broken, 405, 'METHOD_NOT_ALLOWED');
    assertProblem(await gateway.app.inject({ method: 'POST', url: '/nope', headers }), 404, 'ROUTE_NOT_FOUND');
    assertProblem(await gateway.app.inject({ method: 'PUT', url: '/healthz', headers }), 405, 'METHOD_NOT_ALLOWED');
  });

  it('answers 405 with what the path takes', async () => {
    const answer = await gateway.app.inject({ method: 'POST', url: '/v1/testing/things/a' });
    assertProblem(answer, 405, 'METHOD_NOT_ALLOWED');
    assert.equal(answer.headers.allow, 'DELETE, GET, HEAD, OPTIONS, PATCH, PURGE, PUT');
    const page = await gateway.app.inject({ method: 'POST', url: '/healthz' });
    assertProblem(page, 405);
    assert.equal(page.headers.allow, 'GET, HEAD, OPTIONS');
  });

  it('answers OPTIONS with what the path takes', async () => {
    const answer = await gateway.app.inject({ method: 'OPTIONS', url: '/v1/testing/echo' });
    assert.equal(answer.statusCode, 204);
    assert.equal(answer.headers.allow, 'OPTIONS, POST');
    assertProblem(await gateway.app.inject({ method: 'OPTIONS', url: '/nope' }), 404);
  });

  it('lets the scripts of allowed origins call, and read what they need', async () => {
    const preflight = await gateway.app.inject({
      method: 'OPTIONS',
      url: '/v1/testing/echo',
      headers: {
        origin: ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
    assert.equal(preflight.statusCode, 204);
    assert.equal(preflight.headers['access-control-allow-origin'], ORIGIN);
    assert.equal(preflight.headers['access-control-allow-headers'], 'authorization');
    assert.match(String(preflight.headers['access-control-allow-methods']), /PATCH/);
    const answer = await gateway.app.inject({ url: '/v1/testing/echo/a', headers: { origin: ORIGIN } });
    assert.equal(answer.headers['access-control-allow-origin'], ORIGIN);
    const exposed = String(answer.headers['access-control-expose-headers']).split(', ');
    for (const name of ['ETag', 'Age', 'Allow', 'Idempotent-Replayed', 'Retry-After']) {
      assert.ok(exposed.includes(name), name);
    }
    const failure = await gateway.app.inject({ url: '/nope', headers: { origin: ORIGIN } });
    assert.equal(failure.headers['access-control-allow-origin'], ORIGIN);
  });

  it('lets no other origin', async () => {
    for (const origin of ['https://evil.test', 'null', `${ORIGIN}.evil.test`]) {
      const answer = await gateway.app.inject({ url: '/v1/testing/echo/a', headers: { origin } });
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
  });
});
