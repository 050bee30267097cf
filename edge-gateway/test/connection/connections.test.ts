import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterThisTest } from '../support/cleanup.ts';
import { createTestGateway, type TestGateway } from '../support/gateway.ts';
import { assertProblem } from '../support/problems.ts';
import { exchange, rawRequest, type WireAnswer } from '../support/wire.ts';

describe('connections', () => {
  let gateway: TestGateway;
  let port: number;
  before(async () => {
    gateway = await createTestGateway();
    await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    port = (gateway.app.server.address() as AddressInfo).port;
  });
  after(() => gateway.stop());

  function http2(): ClientHttp2Session {
    const session = connect(`https://localhost:${port}`, { ca: gateway.ca });
    afterThisTest(() => session.destroy());
    return session;
  }

  async function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string): Promise<WireAnswer> {
    const stream = session.request(headers);
    stream.end(body);
    const [answer] = await once(stream, 'response');
    const { ':status': statusCode, ...rest } = answer;
    let text = '';
    for await (const chunk of stream.setEncoding('utf8')) text += chunk;
    return { statusCode, headers: rest, body: text };
  }

  it('answer 417 with problem details to an expectation that nobody meets', async () => {
    const text = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\nexpect: junk\r\nconnection: close\r\n\r\n';
    assertProblem(await exchange(port, gateway.ca, text), 417, 'EXPECTATION_FAILED');
    assertProblem(await ask(http2(), { ':path': '/healthz', expect: 'junk' }), 417, 'EXPECTATION_FAILED');
  });

  it('speak HTTP/2', async () => {
    const session = http2();
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((text) => ask(session, { ':path': `/v1/testing/echo/${text}` })),
    );
    assert.deepEqual(
      answers.map(({ body }) => JSON.parse(body).text),
      ['a', 'b', 'c'],
    );
    assert.equal(session.alpnProtocol, 'h2');
    assert.equal(gateway.lines.at(-1)?.includes('"http":"2.0"'), true);
  });

  it('speak HTTP/1.1 and keep it open', async () => {
    const agent = new Agent({ keepAlive: true, ca: gateway.ca });
    afterThisTest(() => agent.destroy());
    const get = async () => {
      const request = httpsRequest({ host: 'localhost', port, path: '/v1/testing/echo/a', agent }).end();
      const [answer] = await once(request, 'response');
      answer.resume();
      await once(answer, 'end');
      return { status: answer.statusCode, reused: request.reusedSocket };
    };
    assert.deepEqual(
      [await get(), await get()],
      [
        { status: 200, reused: false },
        { status: 200, reused: true },
      ],
    );
  });

  it('answer plain HTTP on the TLS port, and anything else that is no TLS', async () => {
    for (const bytes of [rawRequest('GET', '/v1/testing/echo/a'), 'SSH-2.0-x\r\n', '\0\0\0\0']) {
      assertProblem(await exchange(port, 'plain', bytes), 400, 'PLAIN_HTTP');
    }
    assert.equal((await ask(http2(), { ':path': '/healthz' })).statusCode, 200);
  });

  it('survive broken TLS', async () => {
    const answer = await exchange(port, 'plain', Buffer.from([0x16, 0x03, 0x01, 0x00, 0x05, 1, 2, 3, 4, 5]));
    assert.ok(Number.isNaN(answer.statusCode));
    assert.equal((await ask(http2(), { ':path': '/healthz' })).statusCode, 200);
  });

  const malformed: Readonly<Record<string, readonly [bytes: string, status: number, reason: string]>> = {
    'a header without a colon': ['GET / HTTP/1.1\r\nHost x\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    'an unknown method': [rawRequest('BREW', '/healthz'), 405, 'METHOD_NOT_ALLOWED'],
    'a space in the path': [rawRequest('GET', '/a b'), 400, 'REQUEST_MALFORMED'],
    'another protocol': ['GET / SPDY/3\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    'two lengths': [
      rawRequest('POST', '/', { 'content-length': '1', 'Content-Length': '2' }),
      400,
      'REQUEST_MALFORMED',
    ],
    'a length and chunks': [
      rawRequest('POST', '/', { 'content-length': '1', 'transfer-encoding': 'chunked' }),
      400,
      'REQUEST_MALFORMED',
    ],
    'a length that is no number': [rawRequest('POST', '/', { 'content-length': 'x' }), 400, 'REQUEST_MALFORMED'],
    'no host': ['GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'HOST_MISSING'],
    'large headers': [rawRequest('GET', '/', { x: 'a'.repeat(17_000) }), 431, 'HEADERS_TOO_LARGE'],
    'many headers': [
      rawRequest('GET', '/', Object.fromEntries(Array.from({ length: 1_900 }, (_, index) => [`x${index}`, '']))),
      431,
      'HEADERS_TOO_LARGE',
    ],
  };
  for (const [name, [bytes, status, reason]] of Object.entries(malformed)) {
    it(`answer HTTP/1.1 with ${name}`, async () => {
      assertProblem(await exchange(port, gateway.ca, bytes), status, reason);
    });
  }

  it('take a path in absolute form (RFC 9112, section 3.2.2)', async () => {
    const answer = await exchange(port, gateway.ca, rawRequest('GET', 'https://localhost/v1/testing/echo/a?number=1'));
    assert.equal(answer.statusCode, 200);
    assertProblem(await exchange(port, gateway.ca, rawRequest('GET', 'https://localhost')), 400, 'PATH_MALFORMED');
  });

  it('answer any method over HTTP/2', async () => {
    const session = http2();
    assertProblem(await ask(session, { ':method': 'BREW', ':path': '/healthz' }), 405, 'METHOD_NOT_ALLOWED');
    assertProblem(await ask(session, { ':method': 'BREW', ':path': '/nope' }), 404, 'ROUTE_NOT_FOUND');
    assert.ok(gateway.lines.every((line) => !line.includes('likely a fastify bug')));
  });

  it('refuse a body that is too large without reading it, and stay open over HTTP/2', async () => {
    const session = http2();
    const headers = { ':method': 'POST', ':path': '/v1/testing/echo', 'content-type': 'application/json' };
    assertProblem(await ask(session, headers, ' '.repeat(2_000_000)), 413, 'BODY_TOO_LARGE');
    assert.equal((await ask(session, headers, '{"text":"a"}')).statusCode, 200);
  });

  it('survive headers that are too large over HTTP/2', async () => {
    const session = http2();
    await assert.rejects(ask(session, { ':path': '/healthz', x: 'a'.repeat(100_000) }));
    assert.equal((await ask(http2(), { ':path': '/healthz' })).statusCode, 200);
  });

  it('stop the call when the client leaves', async () => {
    const cancelled = Promise.withResolvers<void>();
    const gone = await createTestGateway({
      fakes: {
        unary: {
          'EchoService/Echo': (_request, call) =>
            new Promise(() => {
              call.on('cancelled', () => cancelled.resolve());
              session.destroy();
            }),
        },
      },
    });
    afterThisTest(() => gone.stop());
    await gone.app.listen({ host: '127.0.0.1', port: 0 });
    const session = connect(`https://localhost:${(gone.app.server.address() as AddressInfo).port}`, { ca: gone.ca });
    session.request({ ':path': '/v1/testing/echo/a' }).on('error', () => undefined);
    await cancelled.promise;
  });
});
