import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterThisTest } from '../support/cleanup.ts';
import { gatewayForThisTest } from '../support/gateway.ts';
import { assertProblem } from '../support/problems.ts';

const THING = '/v1/testing/things/a';

describe('content', () => {
  it('is none where only its media type is named, as axios does with DELETE', async () => {
    const { app } = await gatewayForThisTest();
    for (const length of [{}, { 'content-length': '0' }]) {
      const headers = { 'content-type': 'application/json', ...length };
      const { statusCode, body } = await app.inject({ method: 'DELETE', url: THING, headers });
      assert.equal(statusCode, 200, body);
    }
    const headers = { 'content-type': 'application/json' };
    assertProblem(await app.inject({ method: 'DELETE', url: THING, headers, payload: '{}' }), 400, 'BODY_NOT_ALLOWED');
  });

  it('is refused over HTTP/2 without a length as it is with one', async () => {
    const { app, ca } = await gatewayForThisTest();
    await app.listen({ host: '127.0.0.1', port: 0 });
    const session = connect(`https://localhost:${(app.server.address() as AddressInfo).port}`, { ca });
    afterThisTest(() => session.destroy());
    const send = async (method: string, path: string, content: string, headers = {}) => {
      const stream = session.request({ ':method': method, ':path': path, ...headers }, { endStream: false });
      stream.resume().end(content);
      const [answer] = await once(stream, 'response');
      return answer[':status'];
    };
    for (const path of [THING, '/v1/testing/echo/a']) assert.equal(await send('GET', path, 'x'), 400, path);
    assert.equal(await send('GET', THING, ''), 200);
    assert.equal(await send('DELETE', THING, '', { 'content-type': 'application/json' }), 200);
    assert.equal(await send('DELETE', THING, '{}', { 'content-type': 'application/json' }), 400);
    assert.equal(await send('POST', '/v1/testing/echo', '{"text":"a"}'), 415);
  });

  it('is refused compressed, whatever takes it', async () => {
    const { app } = await gatewayForThisTest();
    const payload = gzipSync('{}\n');
    const cases = [
      ['/v1/testing/things:import', 'application/x-ndjson', 'gzip'],
      ['/v1/testing/files/a', 'image/png', 'br'],
      ['/v1/testing/echo', 'application/json', 'identity, gzip'],
    ] as const;
    for (const [url, type, encoding] of cases) {
      const headers = { 'content-type': type, 'content-encoding': encoding };
      const answer = await app.inject({ method: 'POST', url, headers, payload });
      assertProblem(answer, 415, 'CONTENT_ENCODING_UNSUPPORTED');
      assert.equal(answer.headers['accept-encoding'], 'identity');
    }
  });
});
