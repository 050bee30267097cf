import assert from 'node:assert/strict';
import { once } from 'node:events';
import { METHODS } from 'node:http';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { rpcOf } from '../support/contract.ts';
import { createTestGateway, type TestGateway } from '../support/gateway.ts';
import { exchange, rawRequest } from '../support/wire.ts';

const ORIGIN = 'https://shop.test';

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
