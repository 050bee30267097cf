import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { afterThisTest } from '../support/cleanup.ts';
import { createTestGateway, gatewayForThisTest, type TestGateway } from '../support/gateway.ts';
import { connectFrames, END_STREAM, FRAME, type Frame, type FrameConnection, nameOf } from '../support/h2-frames.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const LINES = { 'content-type': 'application/x-ndjson' };

/** Requests that are answered before their body has come, with the status of each answer. */
const EARLY: Readonly<Record<string, readonly [status: number, headers: Record<string, string>, data?: string]>> = {
  'no token': [401, { ':path': '/v1/testing/echo:user', ...JSON_TYPE }],
  'no token and part of a body': [401, { ':path': '/v1/testing/echo:user', ...JSON_TYPE }, '{"text":'],
  'a token that is none': [401, { ':path': '/v1/testing/echo:user', authorization: 'Bearer x', ...JSON_TYPE }],
  'no route': [404, { ':path': '/nope', ...JSON_TYPE }],
  'no route and part of a body': [404, { ':path': '/nope', ...JSON_TYPE }, '{"text":'],
  'another method': [405, { ':method': 'DELETE', ':path': '/v1/testing/echo' }],
  'a method that nobody knows': [405, { ':method': 'BREW', ':path': '/healthz' }],
  'a type that is not answered': [406, { ':path': '/v1/testing/echo', accept: 'image/png', ...JSON_TYPE }],
  'a type that no stream has': [406, { ':method': 'GET', ':path': '/v1/testing/things:watch', accept: 'image/png' }],
  'a length over the limit': [413, { ':path': '/v1/testing/echo', 'content-length': '2000000', ...JSON_TYPE }],
  'a raw body over the limit': [
    413,
    { ':path': '/v1/testing/files/a', 'content-length': '2000000', 'content-type': 'image/png' },
  ],
  'another media type': [415, { ':path': '/v1/testing/echo', 'content-type': 'text/plain' }],
  'a compressed body': [415, { ':path': '/v1/testing/echo', 'content-encoding': 'gzip', ...JSON_TYPE }],
  'an import of another type': [415, { ':path': '/v1/testing/things:import', ...JSON_TYPE }],
  'an import with a bad line': [400, { ':path': '/v1/testing/things:import', ...LINES }, '{"nope":1}\n{"te'],
  'an import with a query': [400, { ':path': '/v1/testing/things:import?a=1', ...LINES }],
  'an expectation that nobody meets': [417, { ':path': '/v1/testing/echo', expect: 'junk', ...JSON_TYPE }],
  'a malformed path': [400, { ':path': '/v1/testing/%zz', ...JSON_TYPE }],
  'a page': [200, { ':method': 'GET', ':path': '/healthz' }],
};

/** What comes after each answer: nothing more of the body, its end, or more than anybody waits for. */
const CLIENTS = ['falls silent', 'ends its body', 'goes on'] as const;

describe('answers over HTTP/2 before the end of the body', () => {
  let gateway: TestGateway;
  let port: number;
  before(async () => {
    gateway = await createTestGateway();
    await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    port = (gateway.app.server.address() as AddressInfo).port;
  });
  after(() => gateway.stop());

  async function open(windowBytes?: number): Promise<FrameConnection> {
    const connection = await connectFrames(port, gateway.ca, windowBytes);
    afterThisTest(() => void connection.socket.destroy());
    return connection;
  }

  function request(connection: FrameConnection, streamId: number, headers: Record<string, string>): void {
    connection.sendHeaders(streamId, {
      ':method': headers[':method'] ?? 'POST',
      ':scheme': 'https',
      ':authority': 'localhost',
      ...headers,
    });
  }

  for (const [name, [status, headers, data]] of Object.entries(EARLY)) {
    for (const client of CLIENTS) {
      // A body that ends before its length is malformed, and Node says so.
      if (client === 'ends its body' && headers['content-length']) continue;
      it(`are whole with ${name}, when the client ${client}`, async () => {
        const connection = await open();
        request(connection, 1, headers);
        if (data) connection.sendData(1, data);
        const frames = await connection.until(1, ended);
        assertWhole(frames, status);
        if (client === 'ends its body') connection.sendData(1, '', END_STREAM);
        if (client === 'goes on') for (let at = 0; at < 8; at += 1) connection.sendData(1, 'x'.repeat(4_000));
        await later(connection);
        assertWhole(await connection.until(1, ended), status);
        assert.equal(connection.socket.destroyed, false);
      });
    }

    it(`are whole with ${name}, when the client takes them byte by byte`, async () => {
      const connection = await open(1);
      request(connection, 1, headers);
      if (data) connection.sendData(1, data);
      await connection.until(1, (some) => some.some(({ type }) => type === FRAME.data));
      await new Promise((resolve) => setTimeout(resolve, 100));
      connection.widen(1, 10);
      await new Promise((resolve) => setTimeout(resolve, 100));
      connection.widen(1, 10_000);
      assertWhole(await connection.until(1, ended), status);
    });
  }

  it('of calls without content that took effect end, and are never reset', async () => {
    const connection = await open();
    for (const streamId of [1, 3, 5, 7]) request(connection, streamId, { ':path': '/v1/testing/fail' });
    for (const streamId of [1, 3, 5, 7]) {
      await connection.until(streamId, ended);
      connection.sendData(streamId, '', END_STREAM);
    }
    await later(connection);
    for (const streamId of [1, 3, 5, 7]) {
      const frames = await connection.until(streamId, ended);
      assertWhole(frames, 200);
      assert.ok(frames.every(({ type }) => type !== FRAME.rstStream));
    }
  });

  it('are whole with too many requests', async () => {
    const limited = await gatewayForThisTest({ env: { RATE_LIMIT_READ_PER_MINUTE: '1' } });
    await limited.app.listen({ host: '127.0.0.1', port: 0 });
    const connection = await connectFrames((limited.app.server.address() as AddressInfo).port, limited.ca);
    afterThisTest(() => void connection.socket.destroy());
    for (const streamId of [1, 3]) {
      request(connection, streamId, { ':path': '/v1/testing/echo', ...JSON_TYPE });
      connection.sendData(streamId, '{"text":"a"}', streamId === 1 ? END_STREAM : 0);
    }
    assertWhole(await connection.until(3, ended), 429);
  });

  it('reset the stream without an error when the body goes on and on, and leave the connection as it is', async () => {
    const connection = await open();
    request(connection, 1, { ':path': '/v1/testing/echo:user', ...JSON_TYPE });
    await connection.until(1, ended);
    const frames = await connection.until(1, (some) => some.some(({ type }) => type === FRAME.rstStream));
    assertWhole(frames, 401);
    assert.equal(frames.map(nameOf).at(-1), 'RST_STREAM 0');
    request(connection, 3, { ':method': 'GET', ':path': '/healthz' });
    assertWhole(await connection.until(3, ended), 200);
  });
});

/** Whether the answer is over, or broken off. */
function ended(frames: readonly Frame[]): boolean {
  return frames.some(({ type, flags }) => type === FRAME.rstStream || (type <= FRAME.headers && flags & END_STREAM));
}

/** RFC 9113, section 8.1: the answer ends first; then the stream may be reset with NO_ERROR, and nothing follows. */
function assertWhole(frames: readonly Frame[], status: number): void {
  const names = frames.filter(({ type }) => type !== FRAME.windowUpdate).map(nameOf);
  assert.match(names.join(', '), /^HEADERS, (DATA, )*DATA END_STREAM(, RST_STREAM 0)?$/);
  const body = Buffer.concat(frames.filter(({ type }) => type === FRAME.data).map(({ payload }) => payload));
  const { status: said } = JSON.parse(body.toString());
  assert.equal(status === 200 ? 200 : said, status);
}

/** Waits until the peer has answered what was sent so far. */
async function later(connection: FrameConnection): Promise<void> {
  connection.send({ type: FRAME.ping, flags: 0, streamId: 0, payload: Buffer.alloc(8) });
  await connection.until(0, (some) => some.some(({ type, flags }) => type === FRAME.ping && flags & 1));
  await new Promise((resolve) => setTimeout(resolve, 50));
}
