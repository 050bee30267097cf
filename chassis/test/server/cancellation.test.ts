import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { EchoStreamRequest } from '@malla/proto/malla/testing/v1/echo_service';
import { callServerStream } from '../../src/client/stream-call.ts';
import type { CallContext } from '../../src/server/context.ts';
import { startChain } from '../support/chain.ts';
import { connect, type EchoHandlers, rpcOf, startEcho } from '../support/echo.ts';
import { failureOf } from '../support/failure.ts';

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
    echoStream: async function* ({ text }, call) {
      await wait(call);
      yield { text, index: 0 };
    },
  };
  return { handlers, got: got.promise, aborted: aborted.promise };
}

describe('cancellation and deadlines', () => {
  it('bounds a unary call made in turn by the deadline of the call that came in', async () => {
    const { handlers, got, aborted } = stuck();
    const { client } = await startChain(handlers);
    const startMs = Date.now();
    const failure = await failureOf(client.echo({ text: 'a', number: 1n }, { timeoutMs: 1_000 }));
    assert.equal(failure.code, 'DEADLINE_EXCEEDED');
    const { deadline } = await got;
    assert.ok(deadline.getTime() <= startMs + 1_900, `${deadline.getTime() - startMs}`);
    await aborted;
  });

  it('bounds a stream made in turn by the deadline of the call that came in', async () => {
    const { handlers, got, aborted } = stuck();
    const { channel } = await startChain(handlers);
    const bytes = EchoStreamRequest.encode({ text: 'a', count: 1 }).finish();
    const startMs = Date.now();
    const failure = await failureOf(callServerStream(channel, rpcOf('EchoStream'), bytes, { timeoutMs: 1_000 }).next());
    assert.equal(failure.code, 'DEADLINE_EXCEEDED');
    assert.ok((await got).deadline.getTime() <= startMs + 1_900);
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
