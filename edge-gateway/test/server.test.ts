import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterThisTest } from './support/cleanup.ts';
import { gatewayForThisTest } from './support/gateway.ts';

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
    gateway.drain();
    const closed = gateway.app.close();
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
});
