import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { EchoStreamResponse } from '@malla/proto/malla/testing/v1/echo_service';
import { EchoStreamResponse as Answer, EchoStreamRequest } from '@malla/proto/malla/testing/v1/echo_service';
import { callServerStream } from '../../src/client/stream-call.ts';
import { DomainError } from '../../src/lib/errors.ts';
import type { CallContext } from '../../src/server/context.ts';
import type { StreamHandler } from '../../src/server/server-stream.ts';
import { mesh } from '../../src/testing/certificates.ts';
import { connect, type EchoServer, rpcOf, startEcho } from '../support/echo.ts';
import { failureOf, wireOf } from '../support/failure.ts';
import { connectRaw, frame } from '../support/raw-client.ts';

const SECRET = 'select-from-users';
const STREAM = rpcOf('EchoStream');
type Handler = StreamHandler<EchoStreamRequest, EchoStreamResponse>;

async function open(server: EchoServer, request = { text: 'a', count: 3 }, options = {}) {
  const { channel } = await connect(server.port);
  return callServerStream(channel, STREAM, EchoStreamRequest.encode(request).finish(), options);
}

async function read(messages: AsyncIterable<Buffer>): Promise<EchoStreamResponse[]> {
  const answers: EchoStreamResponse[] = [];
  for await (const bytes of messages) answers.push(Answer.decode(bytes));
  return answers;
}

/** A handler that answers one message and then waits for the end of the call. */
function endless() {
  const started = Promise.withResolvers<CallContext>();
  const closed = Promise.withResolvers<void>();
  const handler: Handler = async function* ({ text }, call) {
    try {
      started.resolve(call);
      yield { text, index: 0 };
      await once(call.signal, 'abort');
    } finally {
      closed.resolve();
    }
  };
  return { handler, started: started.promise, closed: closed.promise };
}

describe('serverStream', () => {
  it('answers every message in order, and logs one line', async () => {
    const server = await startEcho();
    const answers = await read(await open(server, { text: 'a', count: 500 }));
    assert.deepEqual(
      answers.map(({ index }) => index),
      Array.from({ length: 500 }, (_, index) => index),
    );
    assert.deepEqual(
      server.calls().map(({ code }) => code),
      ['OK'],
    );
  });

  const failing: Record<string, Handler> = {
    'before the first message': () => {
      throw new Error(SECRET);
    },
    'between messages': async function* ({ text }) {
      yield { text, index: 0 };
      throw new Error(SECRET);
    },
    'a string between messages': async function* ({ text }) {
      yield { text, index: 0 };
      throw SECRET;
    },
    'by answering what is no message': async function* () {
      yield { text: 7n } as never;
    },
    'by answering nothing that can be iterated': () => undefined as never,
    'from next and return': () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => {
          throw new Error(SECRET);
        },
        return: () => {
          throw new Error(SECRET);
        },
      }),
    }),
    'from return alone': () => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false as const, value: { text: 5n } as never }),
        return: () => Promise.reject(new Error(SECRET)),
      }),
    }),
  };
  for (const [name, handler] of Object.entries(failing)) {
    it(`answers INTERNAL with a constant text when the handler throws ${name}`, async () => {
      const server = await startEcho({ echoStream: handler });
      const failure = await failureOf(read(await open(server)));
      assert.equal(failure.code, 'INTERNAL');
      assert.ok(!wireOf(failure).includes(SECRET));
      assert.deepEqual(
        server.calls().map(({ code }) => code),
        ['INTERNAL'],
      );
    });
  }

  it('delivers the messages before a failure, then the DomainError', async () => {
    const server = await startEcho({
      echoStream: async function* ({ text }) {
        yield { text, index: 0 };
        throw new DomainError('aborted', 'GONE', 'It is gone.');
      },
    });
    const messages = await open(server);
    assert.equal((await messages.next()).done, false);
    const failure = await failureOf(messages.next());
    assert.equal(failure.code, 'ABORTED');
    assert.equal(failure.reason, 'GONE');
  });

  it('closes the iterator and aborts the signal when the client leaves the loop', async () => {
    const { handler, started, closed } = endless();
    const server = await startEcho({ echoStream: handler });
    for await (const _message of await open(server)) break;
    assert.equal((await started).signal.aborted || (await once((await started).signal, 'abort')) !== undefined, true);
    await closed;
    assert.equal((await started).signal.reason, 'cancelled');
    assert.deepEqual(
      server.calls().map(({ code }) => code),
      ['CANCELLED'],
    );
  });

  it('closes the iterator when the client returns while it awaits a message', async () => {
    const { handler, closed } = endless();
    const server = await startEcho({ echoStream: handler });
    const messages = await open(server);
    await messages.next();
    const awaited = failureOf(messages.next());
    await messages.return?.();
    assert.equal((await awaited).code, 'CANCELLED');
    await closed;
  });

  it('closes the iterator when the connection is lost', async () => {
    const { handler, closed } = endless();
    const { port } = await startEcho({ echoStream: handler });
    const session = connectRaw(port, await (await mesh).issue('developer'));
    const headers = { ':method': 'POST', ':path': STREAM.path, 'content-type': 'application/grpc', te: 'trailers' };
    const stream = session.request(headers);
    stream.on('error', () => undefined);
    stream.end(frame(EchoStreamRequest.encode({ text: 'a', count: 1 }).finish()));
    await once(stream, 'data');
    session.destroy();
    await closed;
  });

  it('returns a custom iterator at once, though its next never settles, and gives its place to another call', async () => {
    const returned = Promise.withResolvers<void>();
    const server = await startEcho(
      {
        echoStream: () => ({
          [Symbol.asyncIterator]: () => ({
            next: () => new Promise<never>(() => undefined),
            return: async () => {
              returned.resolve();
              return { done: true as const, value: undefined };
            },
          }),
        }),
      },
      { longCalls: { shares: { public: 1, user: 1, mesh: 1 }, perAddressMax: 1, perUserMax: 1 } },
    );
    const failure = await failureOf(read(await open(server, undefined, { timeoutMs: 1_000 })));
    assert.equal(failure.code, 'DEADLINE_EXCEEDED');
    await returned.promise;
    const again = await failureOf(read(await open(server, undefined, { timeoutMs: 300 })));
    assert.equal(again.code, 'DEADLINE_EXCEEDED');
  });

  it('ends at the deadline in mid-stream', async () => {
    const { handler, closed } = endless();
    const server = await startEcho({ echoStream: handler });
    const messages = await open(server, undefined, { timeoutMs: 1_000 });
    assert.equal((await messages.next()).done, false);
    assert.equal((await failureOf(messages.next())).code, 'DEADLINE_EXCEEDED');
    await closed;
    await turn();
    assert.deepEqual(
      server.calls().map(({ code }) => code),
      ['DEADLINE_EXCEEDED'],
    );
  });

  it('asks the handler for no more than the client takes', async () => {
    let asked = 0;
    const text = 'x'.repeat(64);
    const server = await startEcho({
      echoStream: async function* () {
        for (; asked < 100_000; asked += 1) yield { text: text.repeat(1_000), index: asked };
      },
    });
    const messages = await open(server, { text: 'a', count: 1 });
    for (let taken = 0; taken < 5; taken += 1) await messages.next();
    const before = asked;
    for (let wait = 0; wait < 200; wait += 1) await turn();
    assert.ok(asked < 100, `${asked} messages were made for 5 that were taken`);
    assert.ok(asked - before < 60);
    await messages.return?.();
  });

  it('is not held by a client that reads nothing, and frees its place', async () => {
    const text = 'x'.repeat(64 * 1_024);
    const closed = Promise.withResolvers<void>();
    const limits = { shares: { public: 1, user: 1, mesh: 1 }, perAddressMax: 1, perUserMax: 1 };
    const server = await startEcho(
      {
        echoStream: async function* () {
          try {
            for (let index = 0; ; index += 1) yield { text, index };
          } finally {
            closed.resolve();
          }
        },
      },
      { streamIdleMs: 300, longCalls: limits },
    );
    const stalled = await open(server);
    await stalled.next();
    await closed.promise;
    await turn();
    assert.deepEqual(
      server.calls().map(({ code, reason }) => [code, reason]),
      [['ABORTED', 'STREAM_IDLE']],
    );
    const next = await open(server);
    assert.equal((await next.next()).done, false);
    await Promise.all([stalled.return?.(), next.return?.()]);
  });

  it('fails before it is sent when its signal has aborted', async () => {
    const server = await startEcho();
    const failure = await failureOf(read(await open(server, undefined, { signal: AbortSignal.abort() })));
    assert.equal(failure.code, 'CANCELLED');
    assert.equal(server.calls().length, 0);
  });
});
