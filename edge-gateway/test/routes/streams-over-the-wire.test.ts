import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterThisTest } from '../support/cleanup.ts';
import { gatewayForThisTest } from '../support/gateway.ts';
import type { StreamFake } from '../support/upstream.ts';

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
