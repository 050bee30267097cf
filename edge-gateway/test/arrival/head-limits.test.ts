import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { afterThisTest } from '../support/cleanup.ts';
import { gatewayForThisTest } from '../support/gateway.ts';
import { exchange } from '../support/wire.ts';

const ECHO = '/v1/testing/echo/a';
const THINGS = '/v1/testing/things';

async function listening() {
  const { app, ca } = await gatewayForThisTest();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const session = connect(`https://localhost:${port}`, { ca, maxSendHeaderBlockLength: 1_000_000 });
  afterThisTest(() => session.destroy());
  await once(session, 'remoteSettings');
  return { port, ca, session };
}

async function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body = '') {
  const stream = session.request(headers, { endStream: body === '' });
  const answered = once(stream, 'response');
  if (body !== '') stream.end(body);
  const [answer] = await answered;
  const content = await textOf(stream);
  return { statusCode: answer[':status'], allow: answer.allow, reason: JSON.parse(content).reason };
}

describe('the limit of a head', () => {
  const many = (count: number, chars: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, 'a'.repeat(chars)]));

  it('is answered with 431 over HTTP/2 as over HTTP/1.1, and the session goes on', async () => {
    const { port, ca, session } = await listening();
    for (const headers of [many(1, 17_000), many(1, 40_000), many(150, 120), many(800, 20)]) {
      const answer = await ask(session, { ':path': ECHO, ...headers });
      assert.deepEqual([answer.statusCode, answer.reason], [431, 'HEADERS_TOO_LARGE']);
    }
    const lines = Object.entries(many(1, 17_000)).map(([name, value]) => `${name}: ${value}\r\n`);
    const text = `GET ${ECHO} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${lines.join('')}\r\n`;
    const answer = await exchange(port, ca, text);
    assert.deepEqual([answer.statusCode, JSON.parse(answer.body).reason], [431, 'HEADERS_TOO_LARGE']);
    for (const headers of [many(1, 15_000), many(300, 10)]) {
      assert.equal((await ask(session, { ':path': ECHO, ...headers })).statusCode, 200);
    }
  });
});

describe('a method that a path does not take', () => {
  const METHODS = ['QUERY', 'PROPFIND', 'FOO', 'query'];

  it('is refused with 405 and what it takes, with content or without, whatever its type', async () => {
    const { port, ca, session } = await listening();
    for (const method of METHODS) {
      for (const type of [undefined, 'application/json', 'text/plain']) {
        for (const body of ['', '{}']) {
          const name = `${method} ${type} ${body}`;
          const typed = type === undefined ? {} : { 'content-type': type };
          const over2 = await ask(session, { ':method': method, ':path': THINGS, ...typed }, body);
          assert.deepEqual(
            over2,
            { statusCode: 405, allow: 'GET, HEAD, OPTIONS, POST', reason: 'METHOD_NOT_ALLOWED' },
            name,
          );
          const lines = Object.entries({
            host: 'localhost',
            connection: 'close',
            ...typed,
            'content-length': body.length,
          });
          const head = lines.map(([header, value]) => `${header}: ${value}\r\n`).join('');
          const over1 = await exchange(port, ca, `${method} ${THINGS} HTTP/1.1\r\n${head}\r\n${body}`);
          assert.deepEqual([over1.statusCode, over1.headers.allow], [405, 'GET, HEAD, OPTIONS, POST'], name);
        }
      }
    }
  });

  it('is 404 where there is no path, and bytes that are no request line are 400', async () => {
    const { port, ca, session } = await listening();
    assert.equal((await ask(session, { ':method': 'QUERY', ':path': '/nowhere' })).statusCode, 404);
    const over1 = async (line: string) =>
      (await exchange(port, ca, `${line}\r\nhost: localhost\r\nconnection: close\r\n\r\n`)).statusCode;
    assert.equal(await over1('FOO /nowhere HTTP/1.1'), 404);
    assert.equal(await over1('FOO\t/nowhere HTTP/1.1'), 400);
    assert.equal(await over1('(FOO) /nowhere HTTP/1.1'), 400);
  });
});
