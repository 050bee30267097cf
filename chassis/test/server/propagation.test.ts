import assert from 'node:assert/strict';
import { Metadata } from '@grpc/grpc-js';
import { EchoStreamRequest } from '@malla/proto/malla/testing/v1/echo_service';
import { callServerStream } from '../../src/client/stream-call.ts';
import { METADATA } from '../../src/lib/metadata.ts';
import { type CallContext, currentCall, userOf } from '../../src/server/context.ts';
import { mesh } from '../../src/testing/certificates.ts';
import { startChain } from '../support/chain.ts';
import { connect, issuer, rpcOf, startEcho } from '../support/echo.ts';
import { failureOf } from '../support/failure.ts';
import { claims, LIVE_SESSION_ID, USER_ID } from '../support/tokens.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('propagation', () => {
  it('knows of no call outside of one, and of no user where the policy asks for none', async () => {
    assert.equal(currentCall(), undefined);
    const { port, calls } = await startEcho({
      echo: async (request, call) => ({ ...request, caller: userOf(call).userId }),
    });
    const { client } = await connect(port);
    assert.equal((await failureOf(client.echo({ text: 'a', number: 1n }))).code, 'INTERNAL');
    assert.match(JSON.stringify(calls()), /has no user: its policy must be ACCESS_USER/);
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
    metadata.set(
      METADATA.authorization,
      `Bearer ${await (await issuer).sign(claims({ scope: 'a b', sid: LIVE_SESSION_ID }))}`,
    );
    metadata.set(METADATA.requestId, 'request-1');
    metadata.set(METADATA.traceparent, TRACEPARENT);
    metadata.set(METADATA.originAddress, '203.0.113.7');
    metadata.set(METADATA.originUserAgent, 'curl/8');
    assert.deepEqual({ ...(await client.echoUser({ text: 'a' }, { metadata })) }, { text: 'a', caller: USER_ID });
    const [call] = seen;
    assert.equal(call?.peer, 'svc-echo');
    assert.equal(call?.user?.sessionId, LIVE_SESSION_ID);
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
    assert.deepEqual([address, userAgent.length], ['127.0.0.1', 512]);
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
});
