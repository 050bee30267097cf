import assert from 'node:assert/strict';
import { createTestGateway, type TestGateway } from '../support/gateway.ts';
import { assertProblem } from '../support/problems.ts';

const ORIGIN = 'https://shop.test';

describe('a request', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await createTestGateway({ env: { CORS_ORIGINS: ORIGIN } });
  });
  after(() => gateway.stop());

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
