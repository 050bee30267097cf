import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createTestGateway, type TestGateway } from '../support/gateway.ts';
import { type HostileRequest, hostileRequests } from '../support/hostile.ts';
import { assertProblem } from '../support/problems.ts';
import { exchange, rawRequest } from '../support/wire.ts';

describe('hostile requests', () => {
  let gateway: TestGateway;
  let port: number;
  before(async () => {
    const limits = ['READ', 'WRITE', 'CREDENTIAL'].map((name) => [`RATE_LIMIT_${name}_PER_MINUTE`, '99999']);
    gateway = await createTestGateway({ env: Object.fromEntries(limits) });
    await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    port = (gateway.app.server.address() as AddressInfo).port;
  });
  after(() => gateway.stop());

  const requests = hostileRequests();
  it(`are ${requests.length}, at least 200`, () => assert.ok(requests.length >= 200));

  for (const request of requests) {
    it(`get a 4xx: ${request.name}`, async () => {
      const answer = await send(request);
      assert.ok(answer.statusCode >= 400 && answer.statusCode < 500, `${answer.statusCode} ${answer.body}`);
      if (request.method === 'HEAD') assert.equal(answer.body, '');
      else assertProblem(answer, answer.statusCode);
      assert.equal((await gateway.app.inject('/healthz')).statusCode, 200);
    });
  }

  function send({ method, url, headers, body, raw }: HostileRequest) {
    if (raw) return exchange(port, gateway.ca, rawRequest(method, url, headers));
    return gateway.app.inject({ method: method as 'GET', url, headers, ...(body !== undefined && { payload: body }) });
  }
});
