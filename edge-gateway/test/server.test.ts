import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import { type AddressInfo, connect as connectPlain } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { stopGateway } from '../src/server.ts';
import { afterThisTest } from './support/cleanup.ts';
import { gatewayForThisTest } from './support/gateway.ts';
import { assertProblem } from './support/problems.ts';
import type { Fakes, StreamFake } from './support/upstream.ts';
import { exchange, rawRequest } from './support/wire.ts';

describe('stopping', () => {
  it('finishes what is under way over HTTP/1.1 and HTTP/2, takes nothing new, and closes', async () => {
    const started = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const release = Promise.withResolvers<void>();
    let calls = 0;
    const gateway = await gatewayForThisTest({
      fakes: {
        unary: {
          'EchoService/Echo': async () => {
            started[calls++]?.resolve();
            await release.promise;
            return { text: 'done' };
          },
        },
      },
    });
    await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = gateway.app.server.address() as AddressInfo;
    const agent = new Agent({ keepAlive: true, ca: gateway.ca });
    const session = connect(`https://localhost:${port}`, { ca: gateway.ca });
    afterThisTest(() => {
      agent.destroy();
      session.destroy();
    });
    const idle = httpsRequest({
      host: 'localhost',
      port,
      path: '/healthz',
      agent: new Agent({ keepAlive: true, ca: gateway.ca }),
    }).end();
    (await once(idle, 'response'))[0].resume();

    const http1 = httpsRequest({ host: 'localhost', port, path: '/v1/testing/echo/a', agent }).end();
    const http2 = session.request({ ':path': '/v1/testing/echo/b' });
    await Promise.all(started.map(({ promise }) => promise));
    const closed = stopGateway(gateway, 0);
    await once(session, 'goaway');
    release.resolve();

    const [answer1] = await once(http1, 'response');
    assert.equal(answer1.statusCode, 200);
    assert.equal(answer1.headers.connection, 'close');
    answer1.resume();
    let body = '';
    for await (const chunk of http2.setEncoding('utf8')) body += chunk;
    assert.equal(JSON.parse(body).text, 'done');
    await closed;
    const [refusal] = await once(httpsRequest({ host: 'localhost', port, path: '/healthz' }), 'error');
    assert.equal(refusal.code, 'ECONNREFUSED');
  });

  it('fails /readyz first, while it accepts connections and serves', async () => {
    const { gateway, port } = await listening();
    const stopped = stopGateway(gateway, 2_000);
    const ready = await exchange(port, gateway.ca, rawRequest('GET', '/readyz'));
    assertProblem(ready, 503, 'DRAINING');
    assert.equal((await exchange(port, gateway.ca, rawRequest('GET', '/v1/testing/echo/a'))).statusCode, 200);
    await stopped;
    const [refusal] = await once(httpsRequest({ host: 'localhost', port, path: '/healthz' }), 'error');
    assert.equal(refusal.code, 'ECONNREFUSED');
  });

  it('ends streams with an event that says to ask again, and closes what is idle or half made', async () => {
    const { gateway, port } = await listening();
    const half = connectPlain(port, '127.0.0.1').on('error', () => undefined);
    half.write(Buffer.from([0x16, 0x03, 0x01]));
    const idle = connectTls({ port, host: '127.0.0.1', ca: gateway.ca, servername: 'localhost' });
    await once(
      idle.on('error', () => undefined),
      'secureConnect',
    );
    const session = connect(`https://localhost:${port}`, { ca: gateway.ca });
    const watch = (accept: string) => session.request({ ':path': '/v1/testing/things:watch?until=1', accept });
    const streams = ['text/event-stream', 'application/x-ndjson', 'application/json'].map(watch);
    const texts = streams.map((stream) => textOf(stream));
    await Promise.all(streams.map((stream) => once(stream, 'response')));
    afterThisTest(() => [half, idle, session].forEach((each) => void each.destroy()));

    const startMs = performance.now();
    await stopGateway(gateway, 0, 30_000);
    assert.ok(performance.now() - startMs < 20_000);
    const [events = '', lines = '', array = ''] = await Promise.all(texts);
    assert.match(events, /^id: 1\ndata: .+\n\nevent: retry\nretry: 1000\ndata: (.+)\n\n$/);
    assert.equal(JSON.parse(lines.trim().split('\n')[1] ?? '').error.reason, 'GATEWAY_STOPPING');
    assert.deepEqual(JSON.parse(array)[1].error.status, 503);
  });

  it('breaks off what is not finished within the grace', async () => {
    const { gateway, port } = await listening({ unary: { 'EchoService/Echo': () => new Promise(() => undefined) } });
    const session = connect(`https://localhost:${port}`, { ca: gateway.ca }).on('error', () => undefined);
    const call = session.request({ ':path': '/v1/testing/echo/a' }).on('error', () => undefined);
    const upload = session.request({ ':method': 'POST', ':path': '/v1/testing/things:import', 'content-type': LINES });
    upload.on('error', () => undefined).write('{"part":{}}\n');
    await once(session, 'connect');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const closed = [once(call, 'close'), once(upload, 'close')];
    await stopGateway(gateway, 0, 500);
    await Promise.all(closed);
  });
});

const LINES = 'application/x-ndjson';

async function listening(fakes: Fakes = {}) {
  const watchThings: StreamFake = (_request, _call, write) => void write({ resumeToken: '1', text: 'change 1' });
  const gateway = await gatewayForThisTest({
    fakes: { streams: { 'TranscodingService/WatchThings': watchThings }, ...fakes },
  });
  await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  return { gateway, port: (gateway.app.server.address() as AddressInfo).port };
}
