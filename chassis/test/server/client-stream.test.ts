import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientWritableStream, ServiceError } from '@grpc/grpc-js';
import {
  ImportThingsRequest,
  ImportThingsResponse,
  TranscodingServiceService,
} from '@malla/proto/malla/testing/v1/transcoding_service';
import { DomainError } from '../../src/lib/errors.ts';
import type { ClientStreamHandler } from '../../src/server/client-stream.ts';
import type { CallContext } from '../../src/server/context.ts';
import { type Handlers, implement } from '../../src/server/implementation.ts';
import type { GrpcServerOptions } from '../../src/server/server.ts';
import { connect, contract, startEcho } from '../support/echo.ts';
import { failureOf, wireOf } from '../support/failure.ts';

const SECRET = 'select-from-users';
const PATH = TranscodingServiceService.importThings.path;
type Handler = ClientStreamHandler<ImportThingsRequest, ImportThingsResponse>;

const thing = (number: number) => ImportThingsRequest.create({ part: { name: `n${number}` } });

async function serve(importThings: Handler, options: Partial<GrpcServerOptions> = {}) {
  const absent = async () => {
    throw new Error('not asked for');
  };
  const others = Object.fromEntries(Object.keys(TranscodingServiceService).map((name) => [name, absent]));
  const handlers = { ...others, importThings } as unknown as Handlers<typeof TranscodingServiceService>;
  const implementations = [implement(TranscodingServiceService, handlers)];
  const server = await startEcho({}, { implementations, ...options });
  const { channel } = await connect(server.port);
  return { ...server, channel };
}

/** Begins a call. @returns the stream to write to, and its answer. */
function open({ channel }: Awaited<ReturnType<typeof serve>>, deadline = Date.now() + 5_000) {
  const { promise: answer, resolve, reject } = Promise.withResolvers<ImportThingsResponse>();
  const asIs = (bytes: Buffer) => bytes;
  const answered = (error: ServiceError | null, bytes?: Buffer) =>
    error ? reject(error) : resolve(ImportThingsResponse.decode(bytes ?? Buffer.alloc(0)));
  const stream: ClientWritableStream<Buffer> = channel.makeClientStreamRequest(
    PATH,
    asIs,
    asIs,
    { deadline },
    answered,
  );
  answer.catch(() => undefined);
  const send = (request: ImportThingsRequest) =>
    stream.write(Buffer.from(ImportThingsRequest.encode(request).finish()));
  return { stream, send, answer };
}

const countAll: Handler = async (requests) => {
  let count = 0;
  for await (const _ of requests) count += 1;
  return { count };
};

describe('clientStream', () => {
  it('hands every message to the handler in order, answers once, and logs one line', async () => {
    const seen: string[] = [];
    const server = await serve(async (requests) => {
      for await (const { part } of requests) seen.push(part?.name ?? '');
      return { count: seen.length };
    });
    const { stream, send, answer } = open(server);
    for (let number = 0; number < 500; number += 1) send(thing(number));
    stream.end();
    assert.equal((await answer).count, 500);
    assert.deepEqual(
      seen,
      Array.from({ length: 500 }, (_, number) => `n${number}`),
    );
    assert.deepEqual(
      server.calls().map(({ code }) => code),
      ['OK'],
    );
  });

  it('ends a stream whose client sends nothing for too long, before and after a message, and keeps one that goes on', async () => {
    const server = await serve(countAll, { streamIdleMs: 300 });
    const silent = open(server);
    const stalled = open(server);
    stalled.send(thing(1));
    for (const { answer } of [silent, stalled]) {
      const { code, reason } = await failureOf(answer);
      assert.deepEqual([code, reason], ['ABORTED', 'STREAM_IDLE']);
    }
    const slow = open(server);
    for (let number = 0; number < 5; number += 1) {
      slow.send(thing(number));
      await sleep(150);
    }
    slow.stream.end();
    assert.equal((await slow.answer).count, 5);
  });

  it('does not count the time that the handler takes as the client standing still', async () => {
    const server = await serve(
      async (requests) => {
        let count = 0;
        for await (const _ of requests) {
          await sleep(400);
          count += 1;
        }
        return { count };
      },
      { streamIdleMs: 200 },
    );
    const { stream, send, answer } = open(server);
    send(thing(1));
    send(thing(2));
    stream.end();
    assert.equal((await answer).count, 2);
  });

  it('answers a stream of nothing', async () => {
    const { stream, answer } = open(await serve(countAll));
    stream.end();
    assert.equal((await answer).count, 0);
  });

  it('lets the client send no faster than the handler reads', async () => {
    const gate = Promise.withResolvers<void>();
    const server = await serve(async (requests, call) => {
      await gate.promise;
      return countAll(requests, call);
    });
    const { stream, send, answer } = open(server);
    const big = ImportThingsRequest.create({ part: { name: 'x'.repeat(60_000) } });
    let sent = 0;
    while (send(big) && sent < 1_000) sent += 1;
    await sleep(50);
    assert.ok(sent < 100, `${sent} were taken`);
    gate.resolve();
    stream.end();
    assert.equal((await answer).count, sent + 1);
  });

  it('answers INVALID_ARGUMENT at the first message that breaks a rule, or is none, and says which it is', async () => {
    const card = ImportThingsRequest.create({ part: { name: 'is 4242 4242 4242 4242' } });
    const bad: [bytes: Uint8Array, fields: string[]][] = [
      [Buffer.alloc(0), ['[1].part']],
      [Buffer.from([255, 255, 255]), []],
      [ImportThingsRequest.encode(card).finish(), ['[1].part.name']],
    ];
    for (const [bytes, fields] of bad) {
      const server = await serve(countAll);
      const { stream, send, answer } = open(server);
      send(thing(1));
      stream.write(Buffer.from(bytes));
      const failure = await failureOf(answer);
      assert.equal(failure.code, 'INVALID_ARGUMENT');
      assert.match(failure.message, /^Message 2: /);
      assert.deepEqual(
        failure.fields.map(({ field }) => field),
        fields,
      );
      assert.ok(!/(?:4242\W{0,2}){2}/.test(JSON.stringify([failure, server.lines])));
    }
  });

  it('answers at once when the handler refuses, though the client sends on', async () => {
    const server = await serve(async () => {
      throw new DomainError('forbidden', 'NOT_YOU', 'Not you.');
    });
    const { send, answer } = open(server);
    send(thing(1));
    const failure = await failureOf(answer);
    assert.deepEqual([failure.code, failure.reason], ['PERMISSION_DENIED', 'NOT_YOU']);
  });

  it('answers INTERNAL with a constant text when a handler fails in the middle', async () => {
    const server = await serve(async (requests) => {
      for await (const _ of requests) throw new Error(SECRET);
      return { count: 0 };
    });
    const { send, answer } = open(server);
    send(thing(1));
    const failure = await failureOf(answer);
    assert.equal(failure.code, 'INTERNAL');
    assert.ok(!wireOf(failure).includes(SECRET));
  });

  it('ends the iteration when the client leaves, and gives its room back', async () => {
    const started = Promise.withResolvers<CallContext>();
    const ended = Promise.withResolvers<unknown>();
    const server = await serve(async (requests, call) => {
      started.resolve(call);
      await countAll(requests, call).then(ended.resolve, ended.reject);
      return { count: 0 };
    });
    const { stream, send, answer } = open(server);
    send(thing(1));
    const call = await started.promise;
    const aborted = once(call.signal, 'abort');
    stream.cancel();
    await aborted;
    await assert.rejects(ended.promise);
    assert.equal((await failureOf(answer)).code, 'CANCELLED');
    assert.deepEqual(
      server.calls().map(({ code }) => code),
      ['CANCELLED'],
    );
  });

  it('never takes the messages of a client that left for all there are', async () => {
    for (let round = 0; round < 50; round += 1) {
      const read = Promise.withResolvers<void>();
      const ended = Promise.withResolvers<number>();
      const server = await serve(async (requests) => {
        let count = 0;
        const work = async () => {
          for await (const _ of requests) {
            count += 1;
            read.resolve();
          }
          return count;
        };
        await work().then(ended.resolve, ended.reject);
        return { count };
      });
      const { stream, send } = open(server);
      send(thing(1));
      if (round % 2 === 0) await read.promise;
      stream.cancel();
      if (round % 2 === 0) await assert.rejects(ended.promise);
    }
  });

  it('answers DEADLINE_EXCEEDED when the client never ends', async () => {
    const server = await serve(countAll);
    const { send, answer } = open(server, Date.now() + 200);
    send(thing(1));
    assert.equal((await failureOf(answer)).code, 'DEADLINE_EXCEEDED');
  });

  it('knows the policy of the RPC', () => {
    assert.ok(contract.rpcs.has(PATH));
  });
});
