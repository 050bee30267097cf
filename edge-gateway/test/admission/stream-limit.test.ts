import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants, type OutgoingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { Access } from '@malla/proto/malla/options/v1/policy.pb';
import { withLineTimeout } from '../../src/body/line-timeout.ts';
import { HttpProblem } from '../../src/problems/problem.ts';
import { afterThisTest } from '../support/cleanup.ts';
import { gatewayForThisTest } from '../support/gateway.ts';
import { claims } from '../support/tokens.ts';
import type { ImportFake, StreamFake } from '../support/upstream.ts';

const WATCH = '/v1/testing/things:watch?until=5';
const IMPORT = '/v1/testing/things:import';

interface Answer {
  readonly status: unknown;
  readonly retryAfter: unknown;
  readonly reason: string | undefined;
  readonly leave: () => Promise<void>;
}

/** A gateway whose streams never end by themselves. */
async function open(env: Readonly<Record<string, string>>) {
  const watch: StreamFake = (_request, _call, write) => void write({ text: 'first' });
  const take: ImportFake = () => undefined;
  const fakes = {
    streams: { 'TranscodingService/WatchThings': watch },
    imports: { 'TranscodingService/ImportThings': take },
  };
  const changes = { 'TranscodingService/ImportThings': { policy: { access: Access.USER } } };
  const gateway = await gatewayForThisTest({ fakes, env, changes });
  await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = gateway.app.server.address() as AddressInfo;
  const session = () => {
    const made = connect(`https://127.0.0.1:${port}`, { ca: gateway.ca, servername: 'edge-gateway' });
    made.on('error', () => undefined);
    afterThisTest(() => made.destroy());
    return made;
  };
  return { ...gateway, port, session };
}

/** Begins a request and waits for its head; for its problem too, when it is refused. */
async function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders): Promise<Answer> {
  const isUpload = headers[':method'] === 'POST';
  const stream = session.request(headers, { endStream: !isUpload });
  stream.on('error', () => undefined);
  const [head] = await once(stream, 'response');
  const { ':status': status, 'retry-after': retryAfter } = head;
  let body = '';
  if (status !== 200) {
    stream.on('data', (chunk) => {
      body += chunk;
    });
    if (!stream.closed) await once(stream, 'close');
  }
  const leave = async () => {
    stream.close(constants.NGHTTP2_CANCEL);
    if (!stream.closed) await once(stream, 'close');
  };
  return { status, retryAfter, reason: body === '' ? undefined : JSON.parse(body).reason, leave };
}

const watching = (more: OutgoingHttpHeaders = {}) => ({ ':path': WATCH, accept: 'text/event-stream', ...more });
const from = (address: string) => watching({ 'x-forwarded-for': address });

describe('the bounds of open streams', () => {
  it('refuse one more of a client with 429, and let it in when one has left', async () => {
    const { session } = await open({ STREAMS_PER_ADDRESS_MAX: '2' });
    const client = session();
    const first = await ask(client, watching());
    await ask(client, watching());
    const refused = await ask(client, watching());
    assert.deepEqual([refused.status, refused.reason, refused.retryAfter], [429, 'STREAMS_TOO_MANY', '5']);
    await first.leave();
    await untilAdmitted(() => ask(client, watching()));
  });

  it('refuse one more of everybody with 503 and Retry-After, when others have their share', async () => {
    const { session } = await open({ STREAMS_MAX: '4', TRUST_PROXY: '127.0.0.1' });
    const client = session();
    const statuses = [];
    for (let at = 1; at < 4; at += 1) statuses.push(await ask(client, from(`192.0.2.${at}`)));
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [200, 200, 503],
    );
    assert.deepEqual([statuses[2]?.reason, statuses[2]?.retryAfter], ['SERVER_BUSY', '1']);
  });

  it('count an import that sends nothing, by its user as well', async () => {
    const { session, issuer } = await open({ STREAMS_PER_USER_MAX: '3' });
    const headers = async (sub: string) => ({
      ':method': 'POST',
      ':path': IMPORT,
      'content-type': 'application/x-ndjson',
      authorization: `Bearer ${await issuer.sign(claims({ sub }))}`,
    });
    const client = session();
    const mine = await headers('usr_1');
    const open3 = Array.from({ length: 3 }, () => client.request(mine));
    for (const stream of open3) stream.on('error', () => undefined);
    await sleep(200);
    const refused = await ask(client, mine);
    assert.deepEqual([refused.status, refused.reason], [429, 'STREAMS_TOO_MANY']);
    assert.equal((await ask(client, watching())).status, 200);
    for (const stream of open3) stream.close(constants.NGHTTP2_CANCEL);
  });

  it('are free again when connections break, also of clients that leave before they are known', async () => {
    const { session, port, ca } = await open({ STREAMS_PER_ADDRESS_MAX: '3' });
    for (let round = 0; round < 12; round += 1) {
      const socket = connectTls({ host: '127.0.0.1', port, ca, servername: 'edge-gateway' });
      socket.on('error', () => undefined);
      await once(socket, 'secureConnect');
      socket.write(`GET ${WATCH} HTTP/1.1\r\nhost: x\r\n\r\n`);
      if (round % 3 === 0) await once(socket, 'data');
      if (round % 3 === 1) await new Promise(setImmediate);
      socket.destroy();
      const breaking = session();
      const stream = breaking.request(watching());
      stream.on('error', () => undefined);
      if (round % 2 === 0) await once(stream, 'response');
      breaking.destroy();
    }
    const client = session();
    await untilAdmitted(() => ask(client, watching()));
    await untilAdmitted(() => ask(client, watching()));
    await untilAdmitted(() => ask(client, watching()));
    assert.equal((await ask(client, watching())).status, 429);
  });

  it('are given back by streams that end by themselves', async () => {
    const ending: StreamFake = (_request, call, write) => {
      write({ text: 'only' });
      call.end();
    };
    const fakes = { streams: { 'TranscodingService/WatchThings': ending } };
    const { app } = await gatewayForThisTest({ fakes, env: { STREAMS_PER_ADDRESS_MAX: '1' } });
    for (let round = 0; round < 5; round += 1) assert.equal((await app.inject(WATCH)).statusCode, 200);
  });
});

describe('withLineTimeout', () => {
  it('refuses with 408 a line that does not come, and not a reader that takes its time', async () => {
    const stalling = async function* () {
      yield 'a';
      yield 'b';
      await new Promise(() => undefined);
    };
    const seen: string[] = [];
    const reading = async () => {
      for await (const line of withLineTimeout(stalling(), 50)) {
        seen.push(line);
        await sleep(80);
      }
    };
    await assert.rejects(reading(), (error) => error instanceof HttpProblem && error.statusCode === 408);
    assert.deepEqual(seen, ['a', 'b']);
  });
});

async function untilAdmitted(attempt: () => Promise<Answer>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await attempt()).status === 200) return;
    await sleep(20);
  }
  throw new Error('no place became free');
}
