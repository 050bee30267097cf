import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fromBinary, type JsonObject, toJson } from '@bufbuild/protobuf';
import { DomainError } from '@malla/chassis/errors';
import { toStatus } from '@malla/chassis/status';
import { afterThisTest } from '../support/cleanup.ts';
import { rpcOf } from '../support/contract.ts';
import { jsonOf } from '../support/fakes.ts';
import { createTestGateway, gatewayForThisTest, type TestGateway } from '../support/gateway.ts';
import { assertProblem, faultsOf } from '../support/problems.ts';
import type { ImportFake, StreamFake } from '../support/upstream.ts';

/** Answers the changes after a token; fails at one when told to. */
const watchThings: StreamFake = (request, call, write) => {
  const json = jsonOf('TranscodingService/WatchThings', request);
  const [after, until, failAt] = [json.resumeToken, json.until, json.failAt].map((value) => Number(value ?? 0));
  for (let at = Number(after) + 1; at <= Number(until); at += 1) {
    if (at === failAt)
      return call.emit('error', toStatus(new DomainError('exhausted', 'TOO_MANY', 'Too many changes.')));
    write({ resumeToken: String(at), text: `change ${at}` });
  }
  call.end();
};

describe('server streams', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await createTestGateway({ fakes: { streams: { 'TranscodingService/WatchThings': watchThings } } });
  });
  after(() => gateway.stop());

  const watch = (query: string, accept?: string, more = {}) =>
    gateway.app.inject({ url: `/v1/testing/things:watch?${query}`, headers: { ...(accept && { accept }), ...more } });
  const change = (at: number) => ({ resumeToken: String(at), text: `change ${at}` });

  it('are a JSON array for who does not say', async () => {
    const answer = await watch('until=3');
    assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
    assert.deepEqual(answer.json(), [change(1), change(2), change(3)]);
    assert.deepEqual((await watch('')).json(), []);
  });

  it('are NDJSON for who accepts that', async () => {
    const answer = await watch('until=2', 'application/x-ndjson');
    assert.equal(answer.headers['content-type'], 'application/x-ndjson; charset=utf-8');
    assert.equal(answer.body, `${JSON.stringify(change(1))}\n${JSON.stringify(change(2))}\n`);
  });

  it('are server-sent events for who accepts those, with ids to resume by and an end', async () => {
    const answer = await watch('until=2', 'text/event-stream');
    assert.equal(answer.headers['content-type'], 'text/event-stream; charset=utf-8');
    assert.equal(answer.headers['cache-control'], 'no-store');
    const events = [1, 2].map((at) => `id: ${at}\ndata: ${JSON.stringify(change(at))}\n\n`);
    assert.equal(answer.body, `${events.join('')}event: end\ndata: {}\n\n`);
  });

  it('are known by their own name, with its parameter', async () => {
    const answer = await watch('until=1', 'text/event-stream;charset=utf-8');
    assert.equal(answer.headers['content-type'], 'text/event-stream; charset=utf-8');
  });

  it('go on after Last-Event-ID, whatever the URL says', async () => {
    const answer = await watch('until=4&resumeToken=1', 'text/event-stream', { 'last-event-id': '3' });
    assert.deepEqual(answer.body.match(/id: \d+/g), ['id: 4']);
    assertProblem(await watch('until=4', 'text/event-stream', { 'last-event-id': 'x' }), 400, 'MESSAGE_INVALID');
  });

  it('answer 406 for what there is not', async () => {
    assertProblem(await watch('until=1', 'text/html'), 406, 'NOT_ACCEPTABLE');
  });

  it('fail with a status of their own before the first message', async () => {
    assertProblem(await watch('until=3&failAt=1'), 429, 'TOO_MANY');
    assertProblem(await watch('until=x'), 400, 'MESSAGE_INVALID');
  });

  it('tell a failure in the middle by a last element, line or event', async () => {
    const array = (await watch('until=3&failAt=3')).json();
    assert.equal(array.length, 3);
    assert.equal(array[2].error.reason, 'TOO_MANY');
    const lines = (await watch('until=3&failAt=3', 'application/x-ndjson')).body.trim().split('\n');
    assert.equal(JSON.parse(lines[2] ?? '').error.status, 429);
    const events = (await watch('until=3&failAt=3', 'text/event-stream')).body.trim().split('\n\n');
    const [name, data] = (events[2] ?? '').split('\n');
    assert.equal(name, 'event: error');
    assert.equal(JSON.parse(data?.slice('data: '.length) ?? '').detail, 'Too many changes.');
    assert.equal(events.length, 3);
  });

  it('answer HEAD without holding the call', async () => {
    const head = await gateway.app.inject({ method: 'HEAD', url: '/v1/testing/things:watch?until=5' });
    assert.equal(head.statusCode, 200);
    assert.equal(head.body, '');
  });
});

describe('server streams over the wire', () => {
  it('cancel the call when the client leaves', async () => {
    const cancelled = Promise.withResolvers<void>();
    const endless: StreamFake = (_request, call, write) => {
      write({ text: 'first' });
      call.on('cancelled', () => cancelled.resolve());
    };
    const stream = await open(endless, 'text/event-stream');
    await once(stream, 'data');
    stream.close();
    await cancelled.promise;
  });

  it('send what comes at once, and nothing before it is there', async () => {
    const next = Promise.withResolvers<() => void>();
    const stepwise: StreamFake = (_request, call, write) => {
      write({ text: 'one' });
      next.resolve(() => {
        write({ text: 'two' });
        call.end();
      });
    };
    const stream = (await open(stepwise, 'application/x-ndjson')).setEncoding('utf8');
    assert.match(String(await once(stream, 'data')), /"one"/);
    (await next.promise)();
    assert.match(String(await once(stream, 'data')), /"two"/);
  });

  it('are accepted at once, however long the first message takes', async () => {
    const silent: StreamFake = () => undefined;
    for (const accept of ['application/json', 'application/x-ndjson', 'text/event-stream']) {
      const start = performance.now();
      const stream = await open(silent, accept);
      assert.ok(performance.now() - start < 5_000, accept);
      stream.close();
      const { port, ca } = await listening(silent);
      const request = get({ host: 'localhost', port, ca, path: '/v1/testing/things:watch', headers: { accept } });
      const [response] = await once(request, 'response');
      assert.equal(response.headers['content-type'], `${accept}; charset=utf-8`);
      request.destroy();
    }
  });

  it('hold the service back when the client does not read', async () => {
    let written = 0;
    const text = 'x'.repeat(10_000);
    const held = Promise.withResolvers<void>();
    const flood: StreamFake = (_request, call, write) => {
      const go = () => {
        for (; written < 2_000; written += 1) {
          if (!write({ text })) {
            held.resolve();
            call.once('drain', go);
            return;
          }
        }
        call.end();
      };
      go();
    };
    const stream = await open(flood, 'application/x-ndjson');
    stream.pause();
    await held.promise;
    await settled(() => written);
    assert.ok(written < 1_500, `${written} of 2,000 messages were taken in`);
    let bytes = 0;
    for await (const chunk of stream) bytes += chunk.length;
    assert.ok(bytes > 2_000 * 10_000);
  });

  it('are cut off by the deadline of the policy, with a last event that says so', async () => {
    const silent: StreamFake = (_request, _call, write) => void write({ text: 'first' });
    const stream = (await open(silent, 'text/event-stream', { 'x-request-timeout': '0.4' })).setEncoding('utf8');
    let text = '';
    for await (const chunk of stream) text += chunk;
    assert.match(text, /event: error\ndata: .*"reason":"DEADLINE_EXCEEDED"/);
  });

  async function listening(fake: StreamFake): Promise<{ port: number; ca: Buffer }> {
    const gateway = await gatewayForThisTest({ fakes: { streams: { 'TranscodingService/WatchThings': fake } } });
    await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    return { port: (gateway.app.server.address() as AddressInfo).port, ca: gateway.ca };
  }

  async function open(fake: StreamFake, accept: string, headers = {}): Promise<ClientHttp2Stream> {
    const { port, ca } = await listening(fake);
    const session: ClientHttp2Session = connect(`https://localhost:${port}`, { ca });
    afterThisTest(() => session.destroy());
    const stream = session.request({ ':path': '/v1/testing/things:watch', accept, ...headers });
    await once(stream, 'response');
    return stream;
  }

  /** Waits until a number stays as it is. */
  async function settled(read: () => number): Promise<void> {
    for (let last = -1; last !== read(); ) {
      last = read();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
});

describe('raw bodies', () => {
  it('go out with the media type that the service names', async () => {
    const data = Buffer.from([0, 255, 10]).toString('base64');
    const gateway = await gatewayForThisTest({
      fakes: { unary: { 'TranscodingService/DownloadFile': () => ({ content: { contentType: 'image/png', data } }) } },
    });
    const answer = await gateway.app.inject({ url: '/v1/testing/files/a/b.png', headers: { accept: 'image/*' } });
    assert.equal(answer.headers['content-type'], 'image/png');
    assert.deepEqual([...answer.rawPayload], [0, 255, 10]);
  });

  it('go out in pieces', async () => {
    const pieces: StreamFake = (_request, call, write) => {
      write({ content: { contentType: 'text/csv', data: Buffer.from('a,b\n').toString('base64') } });
      write({ content: { data: Buffer.from('c,d\n').toString('base64') } });
      call.end();
    };
    const gateway = await gatewayForThisTest({ fakes: { streams: { 'TranscodingService/DownloadPieces': pieces } } });
    const answer = await gateway.app.inject('/v1/testing/pieces/a.csv');
    assert.equal(answer.headers['content-type'], 'text/csv');
    assert.equal(answer.body, 'a,b\nc,d\n');
  });

  it('break off when the service fails in the middle, so that nobody takes them for complete', async () => {
    const data = Buffer.from('a,b\n').toString('base64');
    const breaking: StreamFake = (_request, call, write) => {
      write({ content: { contentType: 'text/csv', data } });
      setTimeout(() => call.emit('error', { code: 13, details: 'broken' }), 50);
    };
    const gateway = await gatewayForThisTest({ fakes: { streams: { 'TranscodingService/DownloadPieces': breaking } } });
    await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = gateway.app.server.address() as AddressInfo;
    const session = connect(`https://localhost:${port}`, { ca: gateway.ca });
    afterThisTest(() => session.destroy());
    const stream = session.request({ ':path': '/v1/testing/pieces/a' }).resume();
    await assert.rejects(once(stream, 'end'), { code: 'ERR_HTTP2_STREAM_ERROR' });
    assert.equal(stream.rstCode, constants.NGHTTP2_INTERNAL_ERROR);
    const request = get({ host: 'localhost', port, ca: gateway.ca, path: '/v1/testing/pieces/a' });
    const [response] = await once(request, 'response');
    await assert.rejects(once(response.resume(), 'end'), { code: 'ECONNRESET' });
  });

  it('come in as they are, with their media type', async () => {
    const upload = (request: Parameters<typeof jsonOf>[1]) => {
      const { path = '', content } = jsonOf('TranscodingService/UploadFile', request) as Record<
        string,
        { contentType: string; data: string }
      >;
      return { path: String(path), contentType: content?.contentType ?? '', size: content?.data.length ?? 0 };
    };
    const gateway = await gatewayForThisTest({ fakes: { unary: { 'TranscodingService/UploadFile': upload } } });
    const answer = await gateway.app.inject({
      method: 'POST',
      url: '/v1/testing/files/a/b',
      headers: { 'content-type': 'application/octet-stream; x=y' },
      payload: Buffer.from([0xff, 0, 1]),
    });
    assert.deepEqual(gateway.testing.calls.at(-1)?.metadata.get('webhook-signature'), []);
    assert.deepEqual(answer.json(), { path: 'a/b', contentType: 'application/octet-stream; x=y', size: '4' });
    const untyped = await gateway.app.inject({
      method: 'POST',
      url: '/v1/testing/files/a',
      headers: { 'content-type': 'nonsense' },
      payload: 'x',
    });
    assert.equal(assertProblem(untyped, 415).detail, 'The body must name its media type.');
    const large = await gateway.app.inject({
      method: 'POST',
      url: '/v1/testing/files/a',
      headers: { 'content-type': 'application/octet-stream' },
      payload: Buffer.alloc(1_048_577),
    });
    assertProblem(large, 413, 'BODY_TOO_LARGE');
  });
});

describe('webhooks', () => {
  it('reach the service with their bytes as they are and the headers that prove them', async () => {
    const upload = (request: Parameters<typeof jsonOf>[1]) => {
      const { content } = jsonOf('TranscodingService/UploadFile', request) as Record<string, JsonObject>;
      return { path: Buffer.from(String(content?.data), 'base64').toString() };
    };
    const gateway = await gatewayForThisTest({ fakes: { unary: { 'TranscodingService/UploadFile': upload } } });
    const proof = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1',
      'webhook-signature': 'v1,a=',
      'stripe-signature': 't=1',
    };
    const headers = { ...proof, 'content-type': 'application/json', 'x-other': 'x', 'x-bad-signature': 'ü' };
    const payload = '{ "a" : 1, "a": 2 }';
    const answer = await gateway.app.inject({ method: 'POST', url: '/v1/testing/files/a', headers, payload });
    assert.equal(answer.json().path, payload);
    const metadata = gateway.testing.calls.at(-1)?.metadata;
    for (const [name, value] of Object.entries(proof)) assert.deepEqual(metadata?.get(name), [value]);
    assert.deepEqual([metadata?.get('x-other'), metadata?.get('x-bad-signature')], [[], []]);
  });
});

describe('client streams', () => {
  const received: Buffer[] = [];
  const takeAll: ImportFake = (messages, call, answer) => {
    call.on('data', (bytes: Buffer) => messages.push(bytes));
    call.on('end', () => answer({ count: messages.length }));
    call.on('end', () => received.splice(0, Infinity, ...messages));
  };
  let gateway: TestGateway;
  before(async () => {
    gateway = await createTestGateway({
      fakes: {
        imports: {
          'TranscodingService/ImportThings': takeAll,
          'TranscodingService/ImportLines': takeAll,
        },
      },
      env: { RATE_LIMIT_WRITE_PER_MINUTE: '999' },
    });
  });
  after(() => gateway.stop());

  const send = (payload: string | Buffer, type = 'application/x-ndjson') =>
    gateway.app.inject({
      method: 'POST',
      url: '/v1/testing/things:import',
      headers: { 'content-type': type },
      payload,
    });
  const importLines = (url: string, payload: string) =>
    gateway.app.inject({ method: 'POST', url, headers: { 'content-type': 'application/x-ndjson' }, payload });
  const line = JSON.stringify({ part: { name: 'x', quantity: 1 } });

  it('take a message from each line', async () => {
    assert.deepEqual((await send(`${line}\n${line}\r\n\n \n${line}`)).json(), { count: 3 });
    assert.deepEqual((await send(`${line}\n`.repeat(5_000))).json(), { count: 5_000 });
    assert.deepEqual((await send('')).json(), { count: 0 });
  });

  it('name the line and all that is wrong with it', async () => {
    const problem = assertProblem(await send(`${line}\n{"part":{"nope":1}}\n${line}`), 400, 'MESSAGE_INVALID');
    assert.match(problem.detail, /^Line 2: /);
    assert.deepEqual(faultsOf(problem).sort(), ['[1].part.name REQUIRED', '[1].part.nope FIELD_UNKNOWN']);
    assertProblem(await send(`${line}\n{`), 400, 'JSON_MALFORMED');
    assertProblem(await send(`${line}\n"${'a'.repeat(1_100_000)}"`), 400, 'LINE_TOO_LONG');
  });

  it('put the fault of a line in its place where the contract has a field for it, and go on', async () => {
    const good = JSON.stringify({ part: { name: 'x', quantity: 1 }, count: 2 });
    const lines = [
      '\ufeff{}',
      good,
      JSON.stringify({ part: { nope: 1 }, count: 3 }),
      JSON.stringify({ part: { name: 'x' }, count: 99_999_999_999 }),
      '{',
      '5',
      JSON.stringify({ shop: 'b', count: 4 }),
      JSON.stringify({ rejectedLine: { line: 1 } }),
      `"${'a'.repeat(1_100_000)}"`,
      good,
    ];
    const { statusCode } = await importLines('/v1/testing/shops/a/lines:import', lines.join('\n'));
    assert.equal(statusCode, 200);
    const { method } = rpcOf('TranscodingService/ImportLines');
    const messages = received.map((bytes) => toJson(method.input, fromBinary(method.input, bytes)) as JsonObject);
    const told = messages.map(({ shop, count, part, rejectedLine }) => {
      const { line: number, reason } = (rejectedLine ?? {}) as JsonObject;
      return [shop, count, Boolean(part), number, reason];
    });
    assert.deepEqual(told, [
      ['a', undefined, false, '1', 'JSON_BYTE_ORDER_MARK'],
      ['a', 2, true, undefined, undefined],
      ['a', 3, false, '3', 'MESSAGE_INVALID'],
      ['a', undefined, true, '4', 'NUMBER_OUT_OF_RANGE'],
      ['a', undefined, false, '5', 'JSON_MALFORMED'],
      ['a', undefined, false, '6', 'TYPE_MISMATCH'],
      ['a', 4, false, '7', 'FIELD_CONTRADICTED'],
      ['a', undefined, false, '8', 'FIELD_UNKNOWN'],
      ['a', undefined, false, '9', 'LINE_TOO_LONG'],
      ['a', 2, true, undefined, undefined],
    ]);
    const message = String((messages[2]?.rejectedLine as JsonObject | undefined)?.message);
    assert.match(message, /part\.name is required/);
    const problem = assertProblem(await importLines('/v1/testing/shops/UP/lines:import', good), 400, 'MESSAGE_INVALID');
    assert.deepEqual(faultsOf(problem), ['[0].shop STRING_PATTERN']);
  });

  it('say in each message what the path says', async () => {
    const post = (url: string, payload: string) =>
      gateway.app.inject({ method: 'POST', url, headers: { 'content-type': 'application/x-ndjson' }, payload });
    assert.equal((await post('/v1/testing/shops/s%201/things:import', `${line}\n${line}`)).statusCode, 200);
    const { method } = rpcOf('TranscodingService/ImportThings');
    const shops = received.map((bytes) => (toJson(method.input, fromBinary(method.input, bytes)) as JsonObject).shop);
    assert.deepEqual(shops, ['s 1', 's 1']);
    const other = await post('/v1/testing/shops/a/things:import', JSON.stringify({ shop: 'b', part: { name: 'x' } }));
    assert.deepEqual(faultsOf(assertProblem(other, 400)), ['[0].shop FIELD_CONTRADICTED']);
    assertProblem(await post('/v1/testing/shops/a/things:import?shop=b', line), 400, 'QUERY_NOT_ALLOWED');
  });

  it('take nothing but NDJSON', async () => {
    const problem = assertProblem(await send(line, 'application/json'), 415, 'MEDIA_TYPE_UNSUPPORTED');
    assert.equal(problem.detail, 'The body must be application/x-ndjson.');
  });
});
