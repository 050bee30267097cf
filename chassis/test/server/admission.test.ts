import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, Metadata } from '@grpc/grpc-js';
import { EchoServiceService, EchoStreamRequest } from '@malla/proto/malla/testing/v1/echo_service';
import { createClient } from '../../src/client/client.ts';
import { callServerStream } from '../../src/client/stream-call.ts';
import { METADATA } from '../../src/lib/metadata.ts';
import { createPlaces, longCallLimits } from '../../src/server/admission.ts';
import { mesh } from '../../src/testing/certificates.ts';
import { connect, contract, type EchoHandlers, issuer, rpcOf, startEcho } from '../support/echo.ts';
import { failureOf } from '../support/failure.ts';
import { connectRaw, frame } from '../support/raw-client.ts';
import { claims } from '../support/tokens.ts';

const ONE = { text: 'a', number: 1n };
const STREAM = EchoStreamRequest.encode({ text: 'a', count: 1 }).finish();
const LIMITS = { shares: { public: 3, user: 4, mesh: 5 }, perAddressMax: 2, perUserMax: 1 };

const endless: Partial<EchoHandlers> = {
  echoStream: async function* ({ text }, { signal }) {
    yield { text, index: 0 };
    await once(signal, 'abort');
  },
};

async function connectAs(name: string, port: number) {
  const { channel } = await connect(port, await (await mesh).issue(name));
  return { channel, client: createClient(channel, EchoServiceService, contract) };
}

/** What the gateway says of the client that it calls for. */
function from(address: string, token?: string): Metadata {
  const metadata = new Metadata();
  metadata.set(METADATA.originAddress, address);
  if (token) metadata.set(METADATA.authorization, `Bearer ${token}`);
  return metadata;
}

/** Opens a stream. @returns how to leave. Rejects when it is refused. */
async function openStream(channel: Client, metadata: Metadata) {
  const messages = callServerStream(channel, rpcOf('EchoStream'), STREAM, { metadata });
  await messages.next();
  return () => messages.return?.();
}

/** The same over a connection that can be broken off. */
async function openRaw(session: ClientHttp2Session, address: string): Promise<void> {
  const stream = session.request({
    ...{ ':method': 'POST', ':path': rpcOf('EchoStream').path, 'content-type': 'application/grpc', te: 'trailers' },
    [METADATA.originAddress]: address,
  });
  stream.on('error', () => undefined);
  stream.end(frame(STREAM));
  await once(stream, 'data');
}

/** The outcomes of streams that are opened one after another: `open`, or how each was refused. */
async function openMany(channel: Client, addresses: readonly string[]): Promise<string[]> {
  const outcomes: string[] = [];
  for (const address of addresses) {
    const refused = openStream(channel, from(address)).then(() => undefined);
    outcomes.push(
      await refused.then(
        () => 'open',
        async () => {
          const { code, reason } = await failureOf(openStream(channel, from(address)));
          return `${code} ${reason}`;
        },
      ),
    );
  }
  return outcomes;
}

describe('admission', () => {
  it('refuses a stream with UNAVAILABLE when the public has its share, and with RESOURCE_EXHAUSTED when the client has', async () => {
    const { port } = await startEcho(endless, { longCalls: LIMITS });
    const { channel } = await connectAs('edge-gateway', port);
    assert.deepEqual(await openMany(channel, ['192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.3']), [
      'open',
      'open',
      'RESOURCE_EXHAUSTED STREAMS_TOO_MANY',
      'open',
      'UNAVAILABLE SERVER_BUSY',
    ]);
  });

  it('keeps room for calls and for streams of the mesh, however many streams the public opens', async () => {
    const { port } = await startEcho(endless, { longCalls: LIMITS });
    const { channel, client } = await connectAs('edge-gateway', port);
    const outcomes = await openMany(
      channel,
      Array.from({ length: 40 }, (_, at) => `192.0.2.${at}`),
    );
    assert.equal(outcomes.filter((outcome) => outcome === 'open').length, 3);
    assert.equal((await client.echo(ONE)).text, 'a');
    const neighbour = await connectAs('svc-transactions', port);
    await openStream(neighbour.channel, from('192.0.2.1'));
    await openStream(neighbour.channel, from('192.0.2.1'));
  });

  it('gives a place to another when a client leaves, and when its connection breaks', async () => {
    const { port } = await startEcho(endless, { longCalls: LIMITS });
    const { channel } = await connectAs('edge-gateway', port);
    const breaking = connectRaw(port, await (await mesh).issue('edge-gateway'));
    const leave = await openStream(channel, from('192.0.2.1'));
    await openRaw(breaking, '192.0.2.1');
    assert.equal((await failureOf(openStream(channel, from('192.0.2.1')))).reason, 'STREAMS_TOO_MANY');
    await leave();
    breaking.destroy();
    const opened = async () => {
      for (let tries = 0; tries < 50; tries += 1) {
        try {
          return await openStream(channel, from('192.0.2.1'));
        } catch {
          await sleep(20);
        }
      }
      throw new Error('no place became free');
    };
    await opened();
    await opened();
  });

  it('believes nobody but a service what address it calls for', async () => {
    const { port } = await startEcho(endless, { longCalls: LIMITS });
    const { channel } = await connectAs('developer', port);
    const outcomes = await openMany(channel, ['192.0.2.1', '192.0.2.2', '192.0.2.3']);
    assert.deepEqual(outcomes, ['open', 'open', 'RESOURCE_EXHAUSTED STREAMS_TOO_MANY']);
  });

  it('answers a public call UNAVAILABLE (SERVER_BUSY) at once when the public has its share, and serves the mesh', async () => {
    const held = Promise.withResolvers<void>();
    const { port, calls } = await startEcho(
      {
        echo: async (request, { peer }) => {
          if (peer === 'edge-gateway') await held.promise;
          return { ...request, caller: '' };
        },
      },
      { concurrentCallsMax: 10 },
    );
    const edge = await connectAs('edge-gateway', port);
    const call = (address: string) => edge.client.echo(ONE, { metadata: from(address) });
    const running = Array.from({ length: 4 }, (_, at) => call(`192.0.2.${at}`));
    const refused = await failureOf(call('192.0.2.9'));
    assert.deepEqual([refused.code, refused.reason, refused.retryAfterMs], ['UNAVAILABLE', 'SERVER_BUSY', 1_000]);
    const token = await (await issuer).sign(claims());
    const asUser = { metadata: from('192.0.2.1', token) };
    assert.equal((await edge.client.echoUser({ text: 'user' }, asUser)).text, 'user');
    const neighbour = await connectAs('svc-transactions', port);
    assert.equal((await neighbour.client.echo(ONE)).text, 'a');
    held.resolve();
    await Promise.all(running);
    assert.equal((await call('192.0.2.9')).text, 'a');
    // A full house is not asked again by the channel itself.
    assert.equal(calls().filter(({ reason }) => reason === 'SERVER_BUSY').length, 1);
  });

  it('answers RESOURCE_EXHAUSTED (CALLS_TOO_MANY) to who has as many calls under way as one client may', async () => {
    const held = Promise.withResolvers<void>();
    const { port } = await startEcho(
      {
        echoUser: async ({ text }) => {
          await held.promise;
          return { text, caller: '' };
        },
      },
      { concurrentCallsMax: 10 },
    );
    const { client } = await connectAs('edge-gateway', port);
    const call = async (user: string, address: string) => {
      const sub = `usr_01h455vb4pex5vsknk084sn02${user}`;
      const token = await (await issuer).sign(claims({ sub }));
      return client.echoUser({ text: user }, { metadata: from(address, token) });
    };
    const running = Array.from({ length: 5 }, (_, at) => call('1', `192.0.2.${at}`));
    await sleep(100);
    const refused = await failureOf(call('1', '192.0.2.9'));
    assert.deepEqual([refused.code, refused.reason], ['RESOURCE_EXHAUSTED', 'CALLS_TOO_MANY']);
    assert.equal((await failureOf(call('1', '192.0.2.9'))).reason, 'CALLS_TOO_MANY');
    held.resolve();
    await Promise.all(running);
    const others = Array.from({ length: 6 }, (_, at) => call(`${at}`, '192.0.2.1'));
    assert.equal((await Promise.all(others)).length, 6);
    assert.equal((await call('1', '192.0.2.9')).text, '1');
  });
});

describe('createPlaces', () => {
  const own = { reason: 'TOO_MANY', message: 'Too many.' };

  it('frees exactly what it gave, whatever was refused and however often a place is left', () => {
    const places = createPlaces({ shares: { public: 2, user: 3, mesh: 4 }, perAddressMax: 2, perUserMax: 1 }, own);
    const round = () => {
      const taken = [places.enter('public', 'a'), places.enter('public', 'a')];
      assert.throws(() => places.enter('user', 'a'), { reason: 'TOO_MANY' });
      assert.throws(() => places.enter('public', 'b'), { reason: 'SERVER_BUSY' });
      taken.push(places.enter('user', 'b'));
      taken.at(-1)?.claim('u');
      assert.throws(() => places.enter('user', 'c'), { reason: 'SERVER_BUSY' });
      const last = places.enter('mesh', 'c');
      assert.throws(() => places.enter('mesh', 'c'), { reason: 'SERVER_BUSY' });
      for (const place of [...taken, last, ...taken]) place.leave();
    };
    for (let rounds = 0; rounds < 3; rounds += 1) round();
  });

  it('counts no user and no address of the mesh', () => {
    const places = createPlaces(longCallLimits(10, 1, 1), own);
    for (let calls = 0; calls < 10; calls += 1) places.enter('mesh', 'a').claim('u');
    assert.throws(() => places.enter('mesh', 'a'), { reason: 'SERVER_BUSY' });
  });
});
