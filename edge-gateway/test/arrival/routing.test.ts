import assert from 'node:assert/strict';
import { once } from 'node:events';
import { METHODS } from 'node:http';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { rpcOf } from '../support/contract.ts';
import { createTestGateway, gatewayForThisTest, type TestGateway } from '../support/gateway.ts';
import { assertProblem } from '../support/problems.ts';
import { exchange, rawRequest } from '../support/wire.ts';

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

  it('answers 406 to who accepts no JSON, but says why in problem details', async () => {
    const answer = await gateway.app.inject({ url: '/v1/testing/echo/a', headers: { accept: 'text/html, image/*' } });
    assertProblem(answer, 406, 'NOT_ACCEPTABLE');
    for (const accept of ['*/*', 'application/*', 'text/html, application/json;q=0.1', 'application/json']) {
      assert.equal((await gateway.app.inject({ url: '/v1/testing/echo/a', headers: { accept } })).statusCode, 200);
    }
  });

  it('answers who names a parameter of the media type', async () => {
    const accepted = ['application/json; charset=utf-8', 'text/html, application/json;v="1,;2" ; q=0.5', '*/*;x=y'];
    for (const accept of accepted) {
      const answer = await gateway.app.inject({ url: '/v1/testing/echo/a', headers: { accept } });
      assert.equal(answer.statusCode, 200, accept);
    }
    for (const accept of ['application/json;charset=utf-8;q=0', 'text/html;x=application/json']) {
      assertProblem(await gateway.app.inject({ url: '/v1/testing/echo/a', headers: { accept } }), 406);
    }
  });

  it('answers 415 to what is no JSON in UTF-8', async () => {
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
      'nonsense',
      undefined,
    ];
    for (const type of types) {
      const headers = type ? { 'content-type': type } : {};
      const answer = await gateway.app.inject({
        method: 'POST',
        url: '/v1/testing/echo',
        headers,
        payload: '{"text":"a"}',
      });
      assertProblem(answer, 415);
    }
    const gzip = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const answer = await gateway.app.inject({
      method: 'POST',
      url: '/v1/testing/echo',
      headers: gzip,
      payload: '{"text":"a"}',
    });
    assertProblem(answer, 415, 'CONTENT_ENCODING_UNSUPPORTED');
    for (const type of ['application/json', 'Application/JSON;charset=UTF-8', 'application/json; charset="utf-8"']) {
      const headers = { 'content-type': type };
      const taken = await gateway.app.inject({
        method: 'POST',
        url: '/v1/testing/echo',
        headers,
        payload: '{"text":"a"}',
      });
      assert.equal(taken.statusCode, 200, type);
    }
  });

  it('answers the client’s request id when it is sane, else one of its own', async () => {
    const good = await gateway.app.inject({ url: '/v1/testing/echo/a', headers: { 'x-request-id': 'abc-1.2_3' } });
    assert.equal(good.headers['x-request-id'], 'abc-1.2_3');
    assert.deepEqual(gateway.testing.calls.at(-1)?.metadata.get('x-request-id'), ['abc-1.2_3']);
    const uuid = '12345678-1234-4123-8123-123456789012';
    const own = await gateway.app.inject({ url: '/v1/testing/echo/a', headers: { 'x-request-id': uuid } });
    assert.equal(own.headers['x-request-id'], uuid);
    const numbers = ['4242424242424242', 'a-4242-4242-4242-4242', '3782.822463_10005'];
    for (const bad of ['', ' ', 'a b', '<script>', 'x'.repeat(129), ...numbers]) {
      const answer = await gateway.app.inject({ url: '/v1/testing/echo/a', headers: { 'x-request-id': bad } });
      assert.match(String(answer.headers['x-request-id']), /^[0-9a-f-]{36}$/);
    }
  });

  it('passes the client’s trace on when it is one, else one of its own', async () => {
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await gateway.app.inject({ url: '/v1/testing/echo/a', headers: { traceparent: trace } });
    assert.deepEqual(gateway.testing.calls.at(-1)?.metadata.get('traceparent'), [trace]);
    for (const bad of ['', 'x', trace.replace('0af7', '0AF7'), `00-${'0'.repeat(32)}-b7ad6b7169203331-01`]) {
      await gateway.app.inject({ url: '/v1/testing/echo/a', headers: { traceparent: bad } });
      const [passed] = gateway.testing.calls.at(-1)?.metadata.get('traceparent') ?? [];
      assert.match(String(passed), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
      assert.notEqual(passed, bad);
    }
  });

  it('passes on where a request came from, whatever the User-Agent holds', async () => {
    await gateway.app.inject({ url: '/v1/testing/echo/a', headers: { 'user-agent': 'ü\u0001'.repeat(400) } });
    const metadata = gateway.testing.calls.at(-1)?.metadata;
    assert.deepEqual(metadata?.get('x-origin-address'), ['127.0.0.1']);
    assert.match(String(metadata?.get('x-origin-user-agent')[0]), /^[?]{512}$/);
  });

  it('compresses large answers for who accepts that', async () => {
    const headers = { 'accept-encoding': 'gzip' };
    const large = await gateway.app.inject({ url: '/v1/testing/things/large', headers });
    assert.equal(large.headers['content-encoding'], 'gzip');
    const small = await gateway.app.inject({ url: '/v1/testing/things/small', headers });
    assert.equal(small.headers['content-encoding'], undefined);
  });

  it('writes one line for each request, without anything that the client sent', async () => {
    gateway.lines.length = 0;
    const headers = { authorization: 'Bearer secret-1', 'x-request-id': 'req-1' };
    await gateway.app.inject({
      method: 'POST',
      url: '/v1/testing/echo?token=secret-2',
      headers,
      payload: { text: 'secret-3' },
    });
    await gateway.app.inject('/v1/testing/things/secret-4?pageToken=secret-5');
    await gateway.app.inject('/secret-6');
    assert.equal(gateway.lines.length, 3);
    assert.ok(!gateway.lines.join('').includes('secret'));
    const { time, pid, ms, ...line } = JSON.parse(gateway.lines[0] ?? '');
    assert.equal(typeof ms, 'number');
    assert.deepEqual(line, {
      level: 'info',
      service: 'edge-gateway',
      requestId: 'req-1',
      client: '127.0.0.1',
      method: 'POST',
      route: '/v1/testing/echo',
      status: 400,
      http: '1.1',
      reason: 'MESSAGE_INVALID',
      msg: 'request',
    });
  });

  it('says whether it and its upstreams are well', async () => {
    assert.deepEqual((await gateway.app.inject('/healthz')).json(), { status: 'ok' });
    const ready = await gateway.app.inject('/readyz');
    assert.deepEqual(ready.json(), {
      status: 'ready',
      upstreams: { 'svc-testing': 'SERVING', 'svc-users': 'SERVING' },
    });
  });
});

describe('a custom rule for every method', () => {
  const ANY = '/v1/testing/any/{thing_id}';
  let gateway: TestGateway;
  let port: number;
  before(async () => {
    const { http } = rpcOf('TranscodingService/PurgeThing');
    const pattern = { case: 'custom' as const, value: { kind: '*', path: ANY } };
    gateway = await createTestGateway({
      env: { CORS_ORIGINS: ORIGIN },
      changes: { 'TranscodingService/PurgeThing': { http: { ...http, pattern } as never } },
    });
    await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    port = (gateway.app.server.address() as AddressInfo).port;
  });
  after(() => gateway.stop());

  it('takes all that HTTP/1.1 can carry', async () => {
    // HEAD has no body to look at, QUERY must have one, and CONNECT asks for a tunnel.
    const methods = METHODS.filter((method) => !['CONNECT', 'HEAD', 'QUERY'].includes(method));
    assert.ok(methods.includes('OPTIONS') && methods.includes('PROPFIND') && methods.includes('TRACE'));
    for (const method of methods) {
      const answer = await exchange(port, gateway.ca, rawRequest(method, '/v1/testing/any/7'));
      assert.equal(answer.statusCode, 200, `${method} ${answer.body}`);
      assert.deepEqual(JSON.parse(answer.body), { thingId: '7' }, method);
    }
  });

  it('takes them over HTTP/2, but none that nobody knows', async () => {
    const session = connect(`https://localhost:${port}`, { ca: gateway.ca });
    const status = async (method: string) => {
      const [headers] = await once(session.request({ ':method': method, ':path': '/v1/testing/any/7' }), 'response');
      return headers[':status'];
    };
    assert.deepEqual(await Promise.all(['PROPFIND', 'OPTIONS', 'HEAD', 'NOPE'].map(status)), [200, 200, 200, 501]);
    session.destroy();
  });

  it('leaves preflights to CORS', async () => {
    const preflight = await gateway.app.inject({
      method: 'OPTIONS',
      url: '/v1/testing/any/7',
      headers: { origin: ORIGIN, 'access-control-request-method': 'POST' },
    });
    assert.equal(preflight.statusCode, 204);
    assert.equal(preflight.headers['access-control-allow-origin'], ORIGIN);
  });
});

describe('readiness', () => {
  it('is lost only with the last upstream that serves', async () => {
    const gateway = await gatewayForThisTest();
    gateway.testing.health.setStatus('', 'NOT_SERVING');
    const ready = await gateway.app.inject('/readyz');
    assert.equal(ready.statusCode, 200);
    assert.deepEqual(ready.json().upstreams, { 'svc-testing': 'NOT_SERVING', 'svc-users': 'SERVING' });
    await gateway.users.stop();
    // An answer is good for a moment, so that probes do not multiply.
    await new Promise((resolve) => setTimeout(resolve, 600));
    const problem = assertProblem(await gateway.app.inject('/readyz'), 503, 'UPSTREAMS_DOWN');
    assert.deepEqual(
      problem.errors?.map(({ field, reason }) => [field, reason]),
      [
        ['svc-testing', 'NOT_SERVING'],
        ['svc-users', 'UNREACHABLE'],
      ],
    );
    assert.equal((await gateway.app.inject('/healthz')).statusCode, 200);
    gateway.drain.start();
    assertProblem(await gateway.app.inject('/readyz'), 503, 'DRAINING');
  });
});
