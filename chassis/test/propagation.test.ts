import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { Metadata } from '@grpc/grpc-js';
import { EchoStreamRequest } from '@malla/proto/malla/testing/v1/echo_service';
import { type CallContext, currentCall, userOf } from '../src/context.ts';
import { METADATA } from '../src/metadata.ts';
import { callServerStream } from '../src/stream-call.ts';
import { mesh } from './support/certificates.ts';
import { connect, type EchoHandlers, issuer, rpcOf, startEcho } from './support/echo.ts';
import { failureOf } from './support/failure.ts';
import { claims } from './support/tokens.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** Two servers: calls to the first call the second, whose handlers are given. */
async function startChain(replaced: Partial<EchoHandlers>) {
  const second = await startEcho(replaced);
  const { client: next, channel } = await connect(second.port, await (await mesh).issue('svc-echo'));
  const first = await startEcho({
    echo: (request) => next.echo(request),
    echoUser: (request) => next.echoUser(request),
    echoStream: async function* ({ text, count }) {
      const bytes = EchoStreamRequest.encode({ text, count }).finish();
      let index = 0;
      for await (const _message of callServerStream(channel, rpcOf('EchoStream'), bytes)) {
        yield { text, index };
        index += 1;
      }
    },
  });
  return { first, second, ...(await connect(first.port)) };
}

/** Handlers that say which call they got, and answer never. */
function stuck() {
  const got = Promise.withResolvers<CallContext>();
  const aborted = Promise.withResolvers<unknown>();
  const wait = async (call: CallContext) => {
    got.resolve(call);
    await once(call.signal, 'abort');
    aborted.resolve(call.signal.reason);
    throw new Error('late');
  };
  const handlers: Partial<EchoHandlers> = {
    echo: async (_request, call) => wait(call),
    // biome-ignore lint/correctness/useYield: it answers never
    echoStream: async function* (_request, call) {
      await wait(call);
    },
  };
  return { handlers, got: got.promise, aborted: aborted.promise };
}

describe('propagation', () => {
  it('knows of no call outside of one, and of no user where the policy asks for none', async () => {
    assert.equal(currentCall(), undefined);
    const { port, calls } = await startEcho({
      echo: async (request, call) => ({ ...request, caller: userOf(call).userId }),
    });
    const { client } = await connect(port);
    assert.equal((await failureOf(client.echo({ text: 'a', number: 1n }))).code, 'INTERNAL');
    assert.match(JSON.stringify(calls()), /EchoService\/Echo has no user/);
  });

  it('runs every handler, and nothing that was refused, within what the server gives a call of its own', async () => {
    let [entered, left] = [0, 0];
    const { port } = await startEcho(
      {},
      {
        withinCall: async (work) => {
          entered += 1;
          assert.ok(currentCall());
          try {
            return await work();
          } finally {
            left += 1;
          }
        },
      },
    );
    const { client, channel } = await connect(port);
    await client.echo({ text: 'a', number: 1n });
    const bytes = EchoStreamRequest.encode({ text: 'a', count: 2 }).finish();
    for await (const _message of callServerStream(channel, rpcOf('EchoStream'), bytes));
    await failureOf(client.echo({ text: '', number: 1n }));
    await failureOf(client.echoUser({ text: 'a' }));
    assert.deepEqual([entered, left], [2, 2]);
  });

  it('passes user, request id, trace and origin on to the calls made in turn', async () => {
    const seen: CallContext[] = [];
    const { client, first, second } = await startChain({
      echoUser: async ({ text }, call) => {
        seen.push(call);
        assert.equal(currentCall(), call);
        return { text, caller: call.user?.userId ?? '' };
      },
    });
    const metadata = new Metadata();
    metadata.set(METADATA.authorization, `Bearer ${await (await issuer).sign(claims({ scope: 'a b', sid: 'ses_1' }))}`);
    metadata.set(METADATA.requestId, 'request-1');
    metadata.set(METADATA.traceparent, TRACEPARENT);
    metadata.set(METADATA.originAddress, '203.0.113.7');
    metadata.set(METADATA.originUserAgent, 'curl/8');
    assert.deepEqual({ ...(await client.echoUser({ text: 'a' }, { metadata })) }, { text: 'a', caller: 'usr_1' });
    const [call] = seen;
    assert.equal(call?.peer, 'svc-echo');
    assert.equal(call?.user?.sessionId, 'ses_1');
    assert.deepEqual([...(call?.user?.permissions ?? [])], ['a', 'b']);
    assert.equal(call?.requestId, 'request-1');
    assert.equal(call?.traceparent, TRACEPARENT);
    assert.deepEqual(call?.origin, { address: '203.0.113.7', userAgent: 'curl/8' });
    const ids = [...first.calls(), ...second.calls()].map(({ requestId }) => requestId);
    assert.deepEqual(ids, ['request-1', 'request-1']);
    assert.ok(![...first.lines, ...second.lines].join('').includes(call?.user?.token ?? 'none'));
  });

  it('makes a request id and a trace of its own when none or a bad one came, and passes these on', async () => {
    const seen: CallContext[] = [];
    const { client } = await startChain({
      echo: async ({ text, number }, call) => {
        seen.push(call);
        return { text, number, caller: '' };
      },
    });
    const bad = new Metadata();
    bad.set(METADATA.requestId, 'x'.repeat(129));
    bad.set(METADATA.traceparent, 'tr');
    await client.echo({ text: 'a', number: 1n });
    await client.echo({ text: 'a', number: 1n }, { metadata: bad });
    assert.equal(new Set(seen.map(({ requestId }) => requestId)).size, 2);
    for (const call of seen) {
      assert.match(call.requestId, /^[0-9a-f-]{36}$/);
      assert.match(call.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      assert.equal(call.traceparent, call.traceparent);
    }
  });

  it('does not believe the origin that a developer claims', async () => {
    const seen = Promise.withResolvers<CallContext>();
    const { port } = await startEcho({
      echo: async (request, call) => {
        seen.resolve(call);
        return { ...request, caller: '' };
      },
    });
    const { client } = await connect(port, await (await mesh).issue('developer'));
    const metadata = new Metadata();
    metadata.set(METADATA.originAddress, '203.0.113.7');
    metadata.set(METADATA.originUserAgent, 'forged');
    await client.echo({ text: 'a', number: 1n }, { metadata });
    const { origin, peer } = await seen.promise;
    assert.equal(peer, undefined);
    assert.equal(origin.address, '127.0.0.1');
    assert.match(origin.userAgent, /^grpc-node-js/);
  });

  it('cuts an origin that is longer than anybody needs', async () => {
    const seen = Promise.withResolvers<CallContext>();
    const { port } = await startEcho({
      echo: async (request, call) => {
        seen.resolve(call);
        return { ...request, caller: '' };
      },
    });
    const { client } = await connect(port);
    const metadata = new Metadata();
    metadata.set(METADATA.originAddress, '1'.repeat(10_000));
    metadata.set(METADATA.originUserAgent, 'x'.repeat(20_000));
    await client.echo({ text: 'a', number: 1n }, { metadata });
    const { address, userAgent } = (await seen.promise).origin;
    assert.deepEqual([address.length, userAgent.length], [512, 512]);
  });

  it('leaves the metadata that a handler gives as it is', async () => {
    const metadata = new Metadata();
    metadata.set('x-own', 'kept');
    const second = await startEcho();
    const { client: next } = await connect(second.port);
    const first = await startEcho({ echo: (request) => next.echo(request, { metadata }) });
    const { client } = await connect(first.port);
    await client.echo({ text: 'a', number: 1n });
    assert.deepEqual(metadata.getMap(), { 'x-own': 'kept' });
  });

  it('bounds a unary call made in turn by the deadline of the call that came in', async () => {
    const { handlers, got, aborted } = stuck();
    const { client } = await startChain(handlers);
    const startMs = Date.now();
    const failure = await failureOf(client.echo({ text: 'a', number: 1n }, { timeoutMs: 150 }));
    assert.equal(failure.code, 'DEADLINE_EXCEEDED');
    const { deadline } = await got;
    assert.ok(deadline.getTime() <= startMs + 155, `${deadline.getTime() - startMs}`);
    await aborted;
  });

  it('bounds a stream made in turn by the deadline of the call that came in', async () => {
    const { handlers, got, aborted } = stuck();
    const { channel } = await startChain(handlers);
    const bytes = EchoStreamRequest.encode({ text: 'a', count: 1 }).finish();
    const startMs = Date.now();
    const failure = await failureOf(callServerStream(channel, rpcOf('EchoStream'), bytes, { timeoutMs: 150 }).next());
    assert.equal(failure.code, 'DEADLINE_EXCEEDED');
    assert.ok((await got).deadline.getTime() <= startMs + 155);
    await aborted;
  });

  it('cancels the unary call made in turn when the client cancels', async () => {
    const { handlers, got, aborted } = stuck();
    const { client } = await startChain(handlers);
    const controller = new AbortController();
    const failing = failureOf(client.echo({ text: 'a', number: 1n }, { signal: controller.signal }));
    await got;
    controller.abort();
    assert.equal((await failing).code, 'CANCELLED');
    assert.equal(await aborted, 'cancelled');
  });

  it('cancels the stream made in turn when the client leaves', async () => {
    const { handlers, got, aborted } = stuck();
    const { channel } = await startChain(handlers);
    const bytes = EchoStreamRequest.encode({ text: 'a', count: 1 }).finish();
    const messages = callServerStream(channel, rpcOf('EchoStream'), bytes);
    const failing = failureOf(messages.next());
    await got;
    await messages.return?.();
    assert.equal((await failing).code, 'CANCELLED');
    assert.equal(await aborted, 'cancelled');
  });

  it('leaves nothing behind on the signal of a call that makes many', async () => {
    const second = await startEcho();
    const { client: next, channel } = await connect(second.port);
    const bytes = EchoStreamRequest.encode({ text: 'a', count: 2 }).finish();
    let left = -1;
    const first = await startEcho({
      echo: async (request, { signal }) => {
        await Promise.all(Array.from({ length: 30 }, () => next.echo(request)));
        for await (const _message of callServerStream(channel, rpcOf('EchoStream'), bytes));
        left = getEventListeners(signal, 'abort').length;
        return { ...request, caller: '' };
      },
    });
    const { client } = await connect(first.port);
    await client.echo({ text: 'a', number: 1n });
    assert.equal(left, 0);
  });

  it('sends nothing from a call that was cancelled before', async () => {
    const second = await startEcho();
    const { client: next } = await connect(second.port);
    const got = Promise.withResolvers<void>();
    const outcome = Promise.withResolvers<string | undefined>();
    const first = await startEcho({
      echo: async (request, call) => {
        got.resolve();
        await once(call.signal, 'abort');
        outcome.resolve((await failureOf(next.echo(request))).code);
        throw new Error('late');
      },
    });
    const controller = new AbortController();
    const { client } = await connect(first.port);
    const failing = failureOf(client.echo({ text: 'a', number: 1n }, { signal: controller.signal }));
    await got.promise;
    controller.abort();
    await failing;
    assert.equal(await outcome.promise, 'CANCELLED');
    assert.equal(second.calls().length, 0);
  });
});
