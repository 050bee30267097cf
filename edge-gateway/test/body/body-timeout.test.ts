import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { mesh } from '@malla/chassis/testing/certificates';
import fastify from 'fastify';
import type { App } from '../../src/arrival/app-types.ts';
import { addBodyTimeout } from '../../src/body/body-timeout.ts';
import { afterThisTest } from '../support/cleanup.ts';
import { exchange } from '../support/wire.ts';

describe('slow bodies', () => {
  /** A server that gives bodies a twentieth of a second. */
  async function serve() {
    const { ca, cert, key } = await (await mesh).issue('edge-gateway');
    const app = fastify({ http2: true, https: { allowHTTP1: true, cert, key } });
    addBodyTimeout(app as unknown as App, 50);
    app.post('/', async () => 'taken');
    await app.listen({ host: '127.0.0.1', port: 0 });
    afterThisTest(() => app.close());
    return { ca, port: (app.server.address() as AddressInfo).port };
  }

  it('get 408 over HTTP/1.1', async () => {
    const { ca, port } = await serve();
    const head = 'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{';
    assert.equal((await exchange(port, ca, head)).statusCode, 408);
  });

  it('get 408 over HTTP/2', async () => {
    const { ca, port } = await serve();
    const session = connect(`https://localhost:${port}`, { ca });
    afterThisTest(() => session.destroy());
    const stream = session.request({ ':method': 'POST', ':path': '/', 'content-type': 'application/json' });
    stream.write('{');
    const [answer] = await once(stream, 'response');
    assert.equal(answer[':status'], 408);
  });

  it('end the connection when the answer came without them, and not the process', async () => {
    const { ca, port } = await serve();
    const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca });
    socket.write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/png\r\ncontent-length: 1000\r\n\r\n{');
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 415/);
    await once(socket, 'close');
  });

  it('do not hold who is fast', async () => {
    const { ca, port } = await serve();
    const body =
      'POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';
    assert.equal((await exchange(port, ca, body)).statusCode, 200);
  });
});
