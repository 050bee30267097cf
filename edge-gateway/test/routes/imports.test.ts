import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { status } from '@grpc/grpc-js';
import { afterThisTest } from '../support/cleanup.ts';
import { gatewayForThisTest, type TestGateway } from '../support/gateway.ts';
import type { ImportFake } from '../support/upstream.ts';

const GOOD = '{"part":{"name":"x"}}\n';
const BAD = '{"part":{"nope":1}}\n';
const NEXT = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n';

const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const END = chunk('');

/** Counts the lines, and answers at their end. */
const atTheEnd: ImportFake = (messages, call, answer) => {
  call.on('data', (bytes: Buffer) => messages.push(bytes));
  call.on('end', () => answer({ count: messages.length }));
  call.on('error', () => undefined);
};
/** Has heard enough after one. */
const atOnce: ImportFake = (_messages, call, answer) => {
  call.once('data', () => answer({ count: 1 }));
  call.on('error', () => undefined);
};
const refusing: ImportFake = (_messages, call) => {
  call.once('data', () => call.emit('error', { code: status.FAILED_PRECONDITION, details: 'no more' }));
};

describe('an import that is answered before its end', () => {
  const gatewayWith = (fake: ImportFake) =>
    gatewayForThisTest({ fakes: { imports: { 'TranscodingService/ImportThings': fake } } });

  const portOf = async ({ app }: TestGateway) => {
    await app.listen({ host: '127.0.0.1', port: 0 });
    return (app.server.address() as AddressInfo).port;
  };

  /** Sends an import in pieces over HTTP/1.1. @returns what came back until `until` has passed. */
  const overHttp1 = async (gateway: TestGateway, pieces: readonly string[], untilMs: number, more = '') => {
    const port = await portOf(gateway);
    const options = { port, host: '127.0.0.1', servername: 'localhost', ca: gateway.ca, ALPNProtocols: ['http/1.1'] };
    const socket = tls.connect(options);
    afterThisTest(() => void socket.destroy());
    let received = '';
    let closed = false;
    socket.on('data', (bytes) => {
      received += bytes;
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      closed = true;
    });
    await once(socket, 'secureConnect');
    const head = `host: localhost\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n${more}`;
    socket.write(`POST /v1/testing/things:import HTTP/1.1\r\n${head}\r\n`);
    for (const piece of pieces) {
      await sleep(20);
      socket.write(piece);
    }
    await sleep(untilMs);
    return { statuses: (received.match(/HTTP\/1\.1 \d+/g) ?? []).map((line) => Number(line.slice(9))), closed };
  };

  it('leaves its connection usable when a line was bad', async () => {
    const pieces = [chunk(BAD), chunk(GOOD), chunk(GOOD), END, NEXT];
    assert.deepEqual(await overHttp1(await gatewayWith(atTheEnd), pieces, 500), {
      statuses: [400, 200],
      closed: false,
    });
  });

  it('leaves its connection usable when the service had heard enough', async () => {
    const pieces = [chunk(GOOD), chunk(GOOD), chunk(GOOD), END, NEXT];
    assert.deepEqual(await overHttp1(await gatewayWith(atOnce), pieces, 500), { statuses: [200, 200], closed: false });
  });

  it('has its connection closed when it goes on and on', async () => {
    const pieces = [chunk(BAD), ...Array.from({ length: 30 }, () => chunk(GOOD.repeat(5_000)))];
    assert.deepEqual(await overHttp1(await gatewayWith(atTheEnd), pieces, 500), { statuses: [400], closed: true });
  });

  it('is told over HTTP/2 to send no more', async () => {
    const gateway = await gatewayWith(atTheEnd);
    const session = connect(`https://localhost:${await portOf(gateway)}`, { ca: gateway.ca });
    afterThisTest(() => session.destroy());
    const path = '/v1/testing/things:import';
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/x-ndjson' });
    stream.resume().write(BAD);
    const [answer] = await once(stream, 'response');
    assert.equal(answer[':status'], 400);
    await once(stream, 'close');
    assert.equal(stream.rstCode, 0);
  });

  it('hears of its deadline while it is silent', async () => {
    const timeout = 'x-request-timeout: 0.3\r\n';
    const { statuses } = await overHttp1(await gatewayWith(atTheEnd), [chunk(GOOD)], 1_500, timeout);
    assert.deepEqual(statuses, [504]);
  });

  it('hears of a refusal while it is silent', async () => {
    const { statuses } = await overHttp1(await gatewayWith(refusing), [chunk(GOOD)], 1_500);
    assert.deepEqual(statuses, [400]);
  });

  it('rejects no promise that nobody handles', async () => {
    const unhandled: unknown[] = [];
    const listeners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', (error) => void unhandled.push(error));
    afterThisTest(() => {
      process.removeAllListeners('unhandledRejection');
      for (const listener of listeners) process.on('unhandledRejection', listener);
    });
    const { app } = await gatewayWith(atTheEnd);
    const headers = { 'content-type': 'application/x-ndjson' };
    await app.inject({ method: 'POST', url: '/v1/testing/things:import', headers, payload: GOOD + BAD });
    await sleep(100);
    assert.deepEqual(unhandled, []);
  });

  it('begins no call when its query is refused', async () => {
    let calls = 0;
    const { app } = await gatewayWith(() => {
      calls += 1;
    });
    const headers = { 'content-type': 'application/x-ndjson' };
    const url = '/v1/testing/things:import?x=1';
    const { statusCode } = await app.inject({ method: 'POST', url, headers, payload: GOOD });
    await sleep(100);
    assert.deepEqual([statusCode, calls], [400, 0]);
  });
});
