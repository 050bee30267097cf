import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Metadata } from '@grpc/grpc-js';
import { ownIssuer } from '../../src/identity/token-verifier.ts';
import { DomainError } from '../../src/lib/errors.ts';
import type { CallContext } from '../../src/server/context.ts';
import { connect, rpcOf, startEcho } from '../support/echo.ts';
import { failureOf, wireOf } from '../support/failure.ts';
import { USER_ID } from '../support/tokens.ts';

const SECRET = 'select-from-users';
const explode = () => {
  throw new Error(SECRET);
};

describe('unary', () => {
  it('answers INTERNAL when a handler throws before it returns a promise', async () => {
    const { port } = await startEcho({ echo: explode });
    const failure = await failureOf((await connect(port)).client.echo({ text: 'a', number: 1n }));
    assert.equal(failure.code, 'INTERNAL');
    assert.ok(!wireOf(failure).includes(SECRET));
  });

  it('answers INTERNAL when a handler answers what is no message', async () => {
    for (const answer of [undefined, null, 7, { text: 5n, number: 'x', caller: '' }, Symbol(SECRET)]) {
      const { port } = await startEcho({ echo: async () => answer as never });
      const failure = await failureOf((await connect(port)).client.echo({ text: 'a', number: 1n }));
      assert.equal(failure.code, 'INTERNAL', String(answer));
    }
  });

  it('logs the cause of a fault of ours, once, with the request id', async () => {
    const { port, calls } = await startEcho({ echo: explode });
    const { client } = await connect(port);
    await failureOf(client.echo({ text: 'text-of-the-request', number: 1n }));
    const [line] = calls() as [{ level: string; requestId: string; err: Error }];
    assert.equal(line.level, 'error');
    assert.equal(line.err.message, SECRET);
    assert.match(line.requestId, /^[0-9a-f-]{36}$/);
    assert.ok(!JSON.stringify(line).includes('text-of-the-request'));
  });

  it('answers a DomainError as its kind says, with reason and details', async () => {
    const details = {
      retryAfterMs: 1500,
      metadata: { limit: '3' },
      fields: [{ field: 'text', reason: 'R', description: 'd' }],
    };
    const { port, calls } = await startEcho({
      echo: async () => {
        throw new DomainError('exhausted', 'TOO_MUCH', 'Zu viel: %0d%0a\r\nü', details, { cause: new Error(SECRET) });
      },
    });
    const failure = await failureOf((await connect(port)).client.echo({ text: 'a', number: 1n }));
    const { error, ...told } = failure;
    assert.deepEqual(told, { code: 'RESOURCE_EXHAUSTED', message: error.details, reason: 'TOO_MUCH', ...details });
    assert.equal(error.details, 'Zu viel: %0d%0a\r\nü');
    assert.ok(!wireOf(failure).includes(SECRET));
    assert.equal(calls()[0]?.reason, 'TOO_MUCH');
    assert.equal(calls()[0]?.level, 'info');
  });

  it('answers a DomainError whose text is half a surrogate pair', async () => {
    const { port } = await startEcho({
      echo: async () => {
        throw new DomainError('not-found', 'NO', 'half \ud83d', { metadata: { a: '\ud83d' } });
      },
    });
    const failure = await failureOf((await connect(port)).client.echo({ text: 'a', number: 1n }));
    assert.equal(failure.code, 'NOT_FOUND');
    assert.equal(failure.reason, 'NO');
  });

  it('answers a DomainError whose text and details are larger than trailers may be', async () => {
    const long = 'x'.repeat(100_000);
    const fields = Array.from({ length: 1000 }, () => ({ field: long, reason: long, description: long }));
    const { port } = await startEcho({
      echo: async () => {
        throw new DomainError('invalid', 'NO', long, { fields, metadata: { a: long } });
      },
    });
    const failure = await failureOf((await connect(port)).client.echo({ text: 'a', number: 1n }));
    assert.equal(failure.code, 'INVALID_ARGUMENT');
    assert.equal(failure.reason, 'NO');
    assert.ok(failure.fields.length > 0);
    assert.ok(wireOf(failure).length < 8_192, `${wireOf(failure).length}`);
  });

  it('tells the handler when the client cancels, drops what it throws then, and logs CANCELLED', async () => {
    const started = Promise.withResolvers<CallContext>();
    const thrown = Promise.withResolvers<void>();
    const { port, calls } = await startEcho({
      echo: async (_request, call) => {
        started.resolve(call);
        await once(call.signal, 'abort');
        setTimeout(thrown.resolve);
        throw new Error(SECRET);
      },
    });
    const { client } = await connect(port);
    const controller = new AbortController();
    const failing = failureOf(client.echo({ text: 'a', number: 1n }, { signal: controller.signal }));
    const call = await started.promise;
    controller.abort();
    assert.equal((await failing).code, 'CANCELLED');
    await thrown.promise;
    assert.equal(call.signal.reason, 'cancelled');
    assert.deepEqual(
      calls().map(({ code }) => code),
      ['CANCELLED'],
    );
  });

  it('answers DEADLINE_EXCEEDED when a handler takes longer than the client waits, and drops what it does later', async () => {
    const late = Promise.withResolvers<void>();
    const { port, calls } = await startEcho({
      echo: async ({ text }, call) => {
        if (text === 'connects') return { text, number: 1n, caller: '' };
        await once(call.signal, 'abort');
        late.resolve();
        throw new Error(SECRET);
      },
    });
    const { client } = await connect(port);
    // The time that a first call takes to connect could be all that the next one has, and it would never arrive.
    await client.echo({ text: 'connects', number: 1n });
    const failure = await failureOf(client.echo({ text: 'a', number: 1n }, { timeoutMs: 300 }));
    assert.equal(failure.code, 'DEADLINE_EXCEEDED');
    await late.promise;
    await sleep(20);
    assert.deepEqual(
      calls().map(({ code }) => code),
      ['OK', 'DEADLINE_EXCEEDED'],
    );
  });

  it("ends a call at its policy's deadline when the client sets none, though the handler never ends", async () => {
    const { port, calls } = await startEcho({ echoTree: () => new Promise(() => undefined) });
    const { channel } = await connect(port);
    const startedMs = performance.now();
    const failure = await failureOf(
      new Promise((resolve, reject) => {
        const asIs = (bytes: Buffer) => bytes;
        channel.makeUnaryRequest(rpcOf('EchoTree').path, asIs, asIs, Buffer.alloc(0), (error, answer) =>
          error ? reject(error) : resolve(answer),
        );
      }),
    );
    assert.equal(failure.code, 'DEADLINE_EXCEEDED');
    assert.equal(failure.message, 'The call took longer than its deadline.');
    assert.ok(performance.now() - startedMs < 5_000);
    assert.deepEqual(
      calls().map(({ code }) => code),
      ['DEADLINE_EXCEEDED'],
    );
  });

  it('does not start the handler of a call that was cancelled while its caller was being identified', async () => {
    const identifying = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const finished = Promise.withResolvers<void>();
    let handled = false;
    const { port } = await startEcho(
      {
        echoUser: async ({ text }) => {
          handled = true;
          return { text, caller: '' };
        },
      },
      {
        identification: {
          verifyToken: async (token) => {
            identifying.resolve();
            await left.promise;
            setImmediate(finished.resolve);
            return {
              token,
              issuer: ownIssuer('i', 'a', async () => new Uint8Array()),
              claims: { sub: USER_ID, exp: 0 },
            };
          },
          resolveUser: async () => '',
          isSessionLive: async () => true,
        },
      },
    );
    const { client } = await connect(port);
    const controller = new AbortController();
    const metadata = new Metadata();
    metadata.set('authorization', 'Bearer token');
    const failing = failureOf(client.echoUser({ text: 'a' }, { signal: controller.signal, metadata }));
    await identifying.promise;
    controller.abort();
    await failing;
    await client.echo({ text: 'a', number: 1n });
    left.resolve();
    await finished.promise;
    assert.equal(handled, false);
  });

  it('does not abort the signal of a call that ended well', async () => {
    const seen = Promise.withResolvers<CallContext>();
    const { port } = await startEcho({
      echo: async (request, call) => {
        seen.resolve(call);
        return { ...request, caller: '' };
      },
    });
    const { client } = await connect(port);
    await client.echo({ text: 'a', number: 1n });
    const call = await seen.promise;
    await client.echo({ text: 'a', number: 1n });
    assert.equal(call.signal.aborted, false);
  });
});
