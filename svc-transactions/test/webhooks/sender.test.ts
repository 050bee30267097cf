import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { mesh } from '@malla/chassis/testing/certificates';
import { createSender } from '../../src/webhooks/sender.ts';
import { createTargets, type Resolve } from '../../src/webhooks/targets.ts';
import { type Receiver, startReceiver, verified } from '../support/receiver.ts';

const SECRETS = ['whsec_bmV3ZXIgdGhhbiB0aGUgb3RoZXIgb25l', 'whsec_b2xkZXIgdGhhbiB0aGUgb3RoZXIgb25l'];
const TIMEOUT_MS = 400;
const TRIED = { retryAfterMs: undefined };

describe('The sender of webhooks', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.stop());

  it('signs the body by every secret, over HTTPS', async () => {
    assert.deepEqual(await send(receiver.url('/x?y=z')), { ...TRIED, status: 204, error: '' });
    const [message] = receiver.received;
    assert.ok(message);
    for (const secret of SECRETS) assert.deepEqual(verified(message, secret), { type: 'webhook.test' });
    assert.equal(message.path, '/x?y=z');
    assert.equal(message.headers['webhook-id'], 'evt_1');
    assert.equal(message.headers['content-type'], 'application/json');
    assert.throws(() => verified(message, 'whsec_bm8gc2VjcmV0IG9mIHRoaXMgZW5kcG9pbnQ='));
  });

  it('follows no redirect, wherever it leads', async () => {
    const inside = await startInside();
    for (const status of [301, 302, 303, 307, 308]) {
      receiver.answer((_, response) => void response.writeHead(status, { location: inside.url }).end());
      assert.deepEqual(await send(receiver.url()), { ...TRIED, status, error: 'REDIRECT' });
    }
    assert.equal(inside.hits(), 0);
    await inside.stop();
  });

  it('connects to the address that was checked, and asks for the name no more', async () => {
    const { cert, key, ca } = await (await mesh).issueFor({ dns: ['hooks.example.com'] });
    let hosts: (string | undefined)[] = [];
    const server = createHttpsServer({ cert, key }, (request, response) => {
      hosts = [...hosts, request.headers.host];
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = new URL(`https://hooks.example.com:${port}/`);
    const targets = { ...createTargets([]), resolve: async () => ({ url, addresses: ['127.0.0.1'] }) };
    const pinned = createSender({ targets, timeoutMs: TIMEOUT_MS, ca: ca.toString() });
    assert.deepEqual(await pinned(message(url.href)), { ...TRIED, status: 200, error: '' });
    assert.deepEqual(hosts, [url.host]);
    server.close();
  });

  it('does not connect to what a name has come to stand for since it was registered', async () => {
    const inside = await startInside();
    const answers = ['8.8.8.8', '127.0.0.1'];
    const targets = createTargets([], async () => [answers.shift() ?? '127.0.0.1']);
    const url = `https://rebinding.example.com:${inside.port}/`;
    assert.equal(await targets.faultOf(url), undefined);
    const outcome = await createSender({ targets, timeoutMs: TIMEOUT_MS })(message(url));
    assert.deepEqual(outcome, { ...TRIED, status: 0, error: 'ADDRESS_REFUSED' });
    assert.equal(inside.connections(), 0);
    await inside.stop();
  });

  it('gives up an endpoint that does not answer, or only begins to', async () => {
    receiver.answer(() => undefined);
    assert.deepEqual(await send(receiver.url()), { ...TRIED, status: 0, error: 'TIMEOUT' });
    const mute = createTcpServer(() => undefined).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    assert.deepEqual(await send(`https://localhost:${port}/`), { ...TRIED, status: 0, error: 'TIMEOUT' });
    mute.close();
  });

  it('reads no more of an answer than it must: its status counts', async () => {
    let sent = 0;
    receiver.answer((_, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && sent < 100_000_000 && response.write(Buffer.alloc(65_536))) sent += 65_536;
      };
      response.on('drain', more);
      more();
    });
    assert.deepEqual(await send(receiver.url()), { ...TRIED, status: 200, error: '' });
    assert.ok(sent < 20_000_000, `${sent} bytes`);
    receiver.answer((_, response) => void response.writeHead(200).write('and so on'));
    assert.deepEqual(await send(receiver.url()), { ...TRIED, status: 200, error: '' });
  });

  it('survives answers that are none', async () => {
    const nonsense = ['', 'hello', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'];
    nonsense.push(
      'HTTP/1.1 2',
      'HTTP/1.1 2000 OK\r\n\r\n',
      `HTTP/1.1 100 Continue\r\n${'x: y\r\n'.repeat(10_000)}\r\n`,
    );
    for (const text of nonsense) {
      const server = createTcpServer((socket) => void socket.on('error', () => undefined).end(text));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const url = `http://localhost:${(server.address() as AddressInfo).port}/`;
      assert.deepEqual(await send(url), { ...TRIED, status: 0, error: 'CONNECTION_FAILED' }, text.slice(0, 40));
      server.close();
    }
  });

  for (const [title, pieces, outcome] of [
    ['drips its fields', ['HTTP/1.1 200 OK\r\n', 'x: '], { status: 200, error: '' }],
    [
      'drips its fields after early hints',
      ['HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 204 \r\n', 'x: '],
      { status: 204, error: '' },
    ],
    ['drips its body', ['HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n'], { status: 200, error: '' }],
    ['fails, and drips its fields', ['HTTP/1.1 503 Busy\r\n', 'x: '], { status: 503, error: 'HTTP_STATUS' }],
    ['has fields beyond all measure', [`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(10_000)}`], { status: 200, error: '' }],
  ] as const) {
    it(`takes an answer by its status line when it ${title}`, async () => {
      const tarpit = await startTarpit(pieces);
      const begun = Date.now();
      const url = `https://localhost:${tarpit.port}/`;
      assert.deepEqual(await send(url, 15_000), { ...TRIED, ...outcome });
      assert.ok(Date.now() - begun < 3_000, `${Date.now() - begun} ms`);
      await tarpit.closed;
    });
  }

  it('gives up when it is told to', async () => {
    receiver.answer(() => undefined);
    const begun = Date.now();
    assert.equal((await send(receiver.url(), 15_000, AbortSignal.timeout(300))).error, 'TIMEOUT');
    assert.ok(Date.now() - begun < 3_000);
  });

  it('tells what went wrong before there was an answer', async () => {
    const untrusting = createSender({ targets: createTargets(['localhost']), timeoutMs: TIMEOUT_MS });
    assert.equal((await untrusting(message(receiver.url()))).error, 'TLS_FAILED');
    assert.equal((await send('https://localhost:1/')).error, 'CONNECTION_FAILED');
    assert.equal((await sender([], async () => [])(message('https://x.example.com/'))).error, 'HOST_UNRESOLVED');
  });

  it('reads when an endpoint wants to be tried again', async () => {
    for (const [value, fromMs, toMs] of [
      ['120', 120_000, 120_000],
      [new Date(Date.now() + 60_000).toUTCString(), 55_000, 60_000],
      [new Date(0).toUTCString(), 0, 0],
    ] as const) {
      receiver.answer((_, response) => void response.writeHead(503, { 'retry-after': value }).end());
      const { retryAfterMs = -1 } = await send(receiver.url());
      assert.ok(retryAfterMs >= fromMs && retryAfterMs <= toMs, `${value}: ${retryAfterMs}`);
    }
    receiver.answer((_, response) => void response.writeHead(429, { 'retry-after': 'soon' }).end());
    assert.equal((await send(receiver.url())).retryAfterMs, undefined);
  });

  function message(url: string) {
    return { url, eventId: 'evt_1', body: '{"type":"webhook.test"}', secrets: SECRETS };
  }

  async function send(url: string, timeoutMs = TIMEOUT_MS, signal?: AbortSignal) {
    const ca = (await (await mesh).issue('receiver')).ca.toString();
    return createSender({ targets: createTargets(['localhost']), timeoutMs, ca })(message(url), signal);
  }

  /** A server that answers with some pieces, and then with a byte now and then for as long as it is let. */
  async function startTarpit(pieces: readonly string[]) {
    const { cert, key } = await (await mesh).issue('receiver');
    const server = createTlsServer({ cert, key }, (socket) => {
      socket.on('error', () => undefined);
      for (const piece of pieces) socket.write(piece);
      const drip = setInterval(() => socket.write('x'), 50);
      socket.on('close', () => {
        clearInterval(drip);
        server.close();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: (server.address() as AddressInfo).port, closed: once(server, 'close') };
  }

  function sender(allowed: string[], resolve?: Resolve) {
    return createSender({ targets: createTargets(allowed, resolve), timeoutMs: TIMEOUT_MS });
  }

  /** A server that nobody outside should reach. */
  async function startInside() {
    let [hits, connections] = [0, 0];
    const server = createServer((_, response) => {
      hits += 1;
      response.end();
    });
    server.on('connection', () => {
      connections += 1;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const stop = async () => void server.close();
    return { port, url: `http://127.0.0.1:${port}/`, hits: () => hits, connections: () => connections, stop };
  }
});
