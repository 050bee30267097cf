import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gatewayForThisTest } from '../support/gateway.ts';

const NAME = 'http_server_request_duration_seconds';

describe('the metrics of the gateway', () => {
  it('count requests by the template of their path, method and status, and nothing that a client chose', async () => {
    const { app, metrics } = await gatewayForThisTest({ env: { METRICS_PORT: '0' } });
    for (const text of ['tom', 'anna']) await app.inject(`/v1/testing/echo/${text}`);
    await app.inject('/v1/testing/no-such-page');
    await app.inject({ method: 'PURGE' as 'GET', url: '/v1/testing/echo/tom' });
    const text = await (await fetch(`http://127.0.0.1:${metrics?.port}/metrics`)).text();
    const count = (method: string, route: string, status: number) =>
      `${NAME}_count{http_request_method="${method}",http_route="${route}",http_response_status_code="${status}"}`;
    assert.ok(text.includes(`${count('GET', '/v1/testing/echo/{text}', 200)} 2\n`), text);
    assert.match(
      text,
      new RegExp(`^${NAME}_count\\{http_request_method="GET",http_route="not-found",.*"404"\\} 1$`, 'm'),
    );
    assert.ok(!/tom|anna|no-such-page/.test(text));
  });

  it('are not there without a port, nor when the gateway has stopped', async () => {
    assert.equal((await gatewayForThisTest()).metrics, undefined);
    const { app, metrics } = await gatewayForThisTest({ env: { METRICS_PORT: '0' } });
    await app.ready();
    const url = `http://127.0.0.1:${metrics?.port}/metrics`;
    assert.equal((await fetch(url)).status, 200);
    await app.close();
    await assert.rejects(fetch(url));
  });

  it('do not let the gateway start when their port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { app } = await gatewayForThisTest({ env: { METRICS_PORT: String(port) } });
    await assert.rejects(async () => app.ready(), { code: 'EADDRINUSE' });
    other.close();
  });
});
