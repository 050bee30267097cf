import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterThisTest } from '../support/cleanup.ts';
import { gatewayForThisTest, type TestGateway, type TestOptions } from '../support/gateway.ts';
import { connectFrames, FRAME } from '../support/h2-frames.ts';
import { assertProblem } from '../support/problems.ts';
import { exchange, rawRequest } from '../support/wire.ts';

/** The first bytes of a ClientHello of 512 bytes. */
const HALF_HELLO = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]);
const HANDSHAKE_TIMEOUT_MS = 10_000;

describe('connections that take and give nothing', () => {
  async function serve(options: TestOptions = {}): Promise<TestGateway & { readonly port: number }> {
    const gateway = await gatewayForThisTest(options);
    await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    return { ...gateway, port: (gateway.app.server.address() as AddressInfo).port };
  }

  function plain(port: number, bytes?: Buffer | string): Socket {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    afterThisTest(() => void socket.destroy());
    socket.on('error', () => undefined);
    if (bytes) socket.write(bytes);
    return socket;
  }

  async function tls({ port, ca }: { port: number; ca: Buffer }, bytes?: string): Promise<TLSSocket> {
    const socket = connectTls({ port, host: '127.0.0.1', ca, servername: 'localhost', ALPNProtocols: ['http/1.1'] });
    afterThisTest(() => void socket.destroy());
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    if (bytes) socket.write(bytes);
    return socket;
  }

  it('are destroyed when the handshake stalls, and leave no descriptor behind', async () => {
    const gateway = await serve();
    const before = descriptors();
    const sockets = Array.from({ length: 50 }, (_, at) => plain(gateway.port, at % 2 ? HALF_HELLO : undefined));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    // A client that half-closes afterwards sees the end: the server's socket is gone, and not in CLOSE-WAIT.
    await Promise.all(sockets.map((socket) => once(socket.resume(), 'end', in20s())));
    for (const socket of sockets) socket.destroy();
    await until(() => descriptors() <= before, 5_000);
    assert.equal(await openSockets(gateway), 0);
  });

  it('are destroyed when the handshake is none, while its client waits', async () => {
    const gateway = await serve();
    const socket = plain(gateway.port, Buffer.concat([HALF_HELLO, Buffer.alloc(600, 0x7f)]));
    await once(socket.resume(), 'end', in20s());
    await until(async () => (await openSockets(gateway)) === 0, 2_000);
  });

  const refused: Readonly<Record<string, string>> = {
    'plain HTTP': 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n',
    'what is no HTTP': 'GARBAGE\r\n\r\n',
  };
  for (const [name, bytes] of Object.entries(refused)) {
    it(`are destroyed after the answer to ${name}, whether it is read or not`, async () => {
      const gateway = await serve();
      if (name === 'plain HTTP') plain(gateway.port, bytes);
      else await tls(gateway, bytes);
      await until(async () => (await openSockets(gateway)) === 1, 2_000);
      await until(async () => (await openSockets(gateway)) === 0, 3_000);
    });
  }

  it('get 408 when the headers do not come, and are destroyed', async () => {
    const gateway = await serve();
    const socket = await tls(gateway, 'GET / HTTP/1.1\r\nhost:');
    const [answer] = await once(socket, 'data', in20s());
    assert.match(String(answer), /^HTTP\/1\.1 408/);
    await until(async () => (await openSockets(gateway)) === 0, 3_000);
  });

  it('leave nothing in the log when they are gone before their request is looked at', async () => {
    const gateway = await serve({ env: { TRUST_PROXY: '127.0.0.1' } });
    const headers = { ':method': 'GET', ':scheme': 'https', ':authority': 'localhost', ':path': '/v1/testing/echo/a' };
    for (let at = 0; at < 10; at += 1) {
      const connection = await connectFrames(gateway.port, gateway.ca);
      for (let streamId = 1; streamId < 40; streamId += 2) connection.sendHeaders(streamId, headers, 1);
      connection.socket.end();
      await new Promise((resolve) => setImmediate(resolve));
      connection.socket.destroy();
    }
    await until(async () => (await openSockets(gateway)) === 0, 5_000);
    assert.deepEqual(
      gateway.lines.filter((line) => /"level":"(error|fatal)"/.test(line)),
      [],
    );
  });

  it('are bounded by client', async () => {
    const gateway = await serve({ env: { CONNECTIONS_PER_CLIENT_MAX: '3' } });
    const held = [await tls(gateway), await tls(gateway), await tls(gateway)];
    await once(plain(gateway.port).resume(), 'end', in20s());
    held[0]?.destroy();
    await until(async () => (await openSockets(gateway)) === 2, 2_000);
    assert.equal((await exchange(gateway.port, gateway.ca, rawRequest('GET', '/healthz'))).statusCode, 200);
  });

  it('wait for their handshakes when one client wants many at once', async () => {
    const gateway = await serve({ env: { HANDSHAKES_PER_CLIENT_PER_SECOND: '20' } });
    const start = performance.now();
    const sockets = await Promise.all(Array.from({ length: 60 }, () => tls(gateway)));
    // 10 at once, and 50 by 20 a second.
    assert.ok(performance.now() - start > 2_400, String(performance.now() - start));
    for (const socket of sockets) socket.destroy();
    await until(async () => (await openSockets(gateway)) === 0, 2_000);
  });

  it('are bounded in all, also those of a proxy, which has no bound of its own', async () => {
    const limits = { CONNECTIONS_PER_CLIENT_MAX: '1', CONNECTIONS_MAX: '2', TRUST_PROXY: '127.0.0.1' };
    const gateway = await serve({ env: limits });
    await tls(gateway);
    await tls(gateway);
    await once(plain(gateway.port).resume(), 'end', in20s());
  });

  it('have their answers broken off over HTTP/1.1', async () => {
    const gateway = await serve({ env: { ANSWER_STALL_TIMEOUT_MS: '500' } });
    const ask = rawRequest('GET', '/docs/swagger-ui-bundle.js', { connection: 'keep-alive' });
    const sockets = await Promise.all(Array.from({ length: 3 }, () => tls(gateway, ask.repeat(20))));
    for (const socket of sockets) socket.pause();
    await until(async () => (await openSockets(gateway)) === 0, 30_000);
  });

  it('have their answers broken off over HTTP/2 with a closed window, and serve other streams meanwhile', async () => {
    const gateway = await serve({ env: { ANSWER_STALL_TIMEOUT_MS: '500' } });
    const connection = await connectFrames(gateway.port, gateway.ca, 0);
    afterThisTest(() => void connection.socket.destroy());
    const ask = (streamId: number) =>
      connection.sendHeaders(
        streamId,
        { ':method': 'GET', ':scheme': 'https', ':authority': 'localhost', ':path': '/openapi.json' },
        1,
      );
    ask(1);
    await connection.until(1, (some) => some.some(({ type }) => type === FRAME.rstStream), 10_000);
    assert.equal(connection.socket.destroyed, false);
    ask(3);
    connection.widen(0, 10_000_000);
    connection.widen(3, 10_000_000);
    await connection.until(3, (some) => some.some(({ type, flags }) => type === FRAME.data && flags & 1));
  });

  it('do not break off an answer that is taken slowly', async () => {
    const gateway = await serve({ env: { ANSWER_STALL_TIMEOUT_MS: '1500' } });
    const connection = await connectFrames(gateway.port, gateway.ca, 0);
    afterThisTest(() => void connection.socket.destroy());
    const headers = {
      ':method': 'GET',
      ':scheme': 'https',
      ':authority': 'localhost',
      ':path': '/docs/swagger-ui.css',
    };
    connection.widen(0, 1_000_000);
    connection.sendHeaders(1, headers, 1);
    for (let at = 0; at < 10; at += 1) {
      connection.widen(1, 16_000);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    connection.widen(1, 1_000_000);
    const frames = await connection.until(1, (some) => some.some(({ type, flags }) => type <= 1 && flags & 1));
    assert.ok(frames.every(({ type }) => type !== FRAME.rstStream));
  });

  it('count pages, preflights and what has no route against a budget', async () => {
    const gateway = await gatewayForThisTest({ env: { RATE_LIMIT_PAGE_PER_MINUTE: '4' } });
    const ask = (url: string, method: 'GET' | 'OPTIONS' = 'GET') => gateway.app.inject({ url, method });
    await ask('/docs');
    await ask('/nope');
    await ask('/v1/testing/echo', 'OPTIONS');
    assert.equal((await ask('/docs/swagger-ui-bundle.js')).statusCode, 200);
    for (const url of ['/docs', '/openapi.json', '/nope', '/v1/testing/%zz', '/docs/swagger-ui-bundle.js']) {
      assert.ok(Number(assertProblemOf(await ask(url)).headers['retry-after']) >= 1);
    }
    assertProblemOf(await ask('/v1/testing/echo', 'OPTIONS'));
    assert.equal((await ask('/healthz')).statusCode, 200);
    assert.equal((await ask('/v1/testing/echo/a')).statusCode, 200);
  });
});

function assertProblemOf<Answer extends Parameters<typeof assertProblem>[0]>(answer: Answer): Answer {
  assertProblem(answer, 429, 'RATE_LIMIT_EXCEEDED');
  return answer;
}

function in20s(): { readonly signal: AbortSignal } {
  return { signal: AbortSignal.timeout(2 * HANDSHAKE_TIMEOUT_MS) };
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function openSockets({ app }: TestGateway): Promise<number> {
  return new Promise((resolve, reject) =>
    app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}

async function until(isSo: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await isSo())) {
    assert.ok(performance.now() < endMs, `not so after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
