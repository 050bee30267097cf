import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { EchoStreamRequest } from '@malla/proto/malla/testing/v1/echo_service';
import { callServerStream } from '../../src/client/stream-call.ts';
import { mesh } from '../../src/testing/certificates.ts';
import { afterThisTest } from '../support/cleanup.ts';
import { connect, rpcOf, startEcho } from '../support/echo.ts';
import { failureOf } from '../support/failure.ts';
import { connectRaw } from '../support/raw-client.ts';

async function timed(work: Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work;
  return performance.now() - startMs;
}

describe('stop', () => {
  it('answers the calls that run, and refuses new ones', async () => {
    const running = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const { server, port } = await startEcho({
      echo: async (request) => {
        running.resolve();
        await held.promise;
        return { ...request, caller: '' };
      },
    });
    const { client } = await connect(port);
    const first = client.echo({ text: 'a', number: 1n });
    await running.promise;
    const stopped = server.stop(5_000);
    const { client: late } = await connect(port);
    assert.equal((await failureOf(late.echoUser({ text: 'a' }))).code, 'UNAVAILABLE');
    held.resolve();
    assert.equal((await first).text, 'a');
    assert.ok((await timed(stopped)) < 1_000);
  });

  it('fails no call when one of two replicas stops under load, though none may be sent twice', async () => {
    let handled = 0;
    const echoTree = async ({ texts }: { texts: string[] }) => {
      handled += 1;
      await new Promise((resolve) => setTimeout(resolve, 3));
      return { count: texts.length };
    };
    const [a, b] = [await startEcho({ echoTree }), await startEcho({ echoTree })];
    const { client } = await connect(`ipv4:127.0.0.1:${a.port},127.0.0.1:${b.port}`);
    let made = 0;
    let loaded = true;
    const load = Promise.all(
      Array.from({ length: 20 }, async () => {
        for (; loaded; made += 1) await client.echoTree({ texts: ['x'], child: undefined, word: '' });
      }),
    );
    while (a.calls().length < 50) await new Promise((resolve) => setImmediate(resolve));
    assert.ok((await timed(a.server.stop(5_000))) < 2_000);
    const before = b.calls().length;
    while (b.calls().length < before + 50) await new Promise((resolve) => setImmediate(resolve));
    loaded = false;
    await load;
    assert.equal(handled, made);
    assert.deepEqual([...new Set([...a.calls(), ...b.calls()].map(({ code }) => code))], ['OK']);
  });

  it('ends a stream that outlasts the grace, with UNAVAILABLE', async () => {
    const closed = Promise.withResolvers<void>();
    const { server, port } = await startEcho({
      echoStream: async function* ({ text }, { signal }) {
        yield { text, index: 0 };
        await once(signal, 'abort');
        closed.resolve();
      },
    });
    const { channel } = await connect(port);
    const bytes = EchoStreamRequest.encode({ text: 'a', count: 1 }).finish();
    const messages = callServerStream(channel, rpcOf('EchoStream'), bytes);
    await messages.next();
    assert.ok((await timed(server.stop(100))) < 1_000);
    assert.equal((await failureOf(messages.next())).code, 'UNAVAILABLE');
    await closed.promise;
  });

  it('is not held beyond the grace by a handler that never ends, whose client hears UNAVAILABLE', async () => {
    const running = Promise.withResolvers<void>();
    const { server, port } = await startEcho({
      echoUser: async () => assert.fail(),
      echo: () => {
        running.resolve();
        return new Promise(() => undefined);
      },
    });
    const { client } = await connect(port);
    const failing = failureOf(client.echo({ text: 'a', number: 1n }));
    await running.promise;
    const ms = await timed(server.stop(100));
    assert.ok(ms < 1_000, `${ms}`);
    assert.equal((await failing).code, 'UNAVAILABLE');
  });

  it('is not held beyond the grace by a socket that never finishes its handshake', async () => {
    const { server, port } = await startEcho();
    const socket = connectTcp(port, '127.0.0.1');
    socket.on('error', () => undefined);
    afterThisTest(() => void socket.destroy());
    await once(socket, 'connect');
    const { client } = await connect(port);
    await client.echo({ text: 'a', number: 1n });
    assert.ok((await timed(server.stop(100))) < 1_000);
  });

  it('is not held by a connection whose handshake ends after it began', async () => {
    const { server, port } = await startEcho();
    const session = connectRaw(port, await (await mesh).issue('developer'));
    await once(session, 'connect');
    assert.ok((await timed(server.stop(5_000))) < 1_000);
  });

  it('may be asked for twice', async () => {
    const { server } = await startEcho();
    await Promise.all([server.stop(1_000), server.stop(1_000)]);
    await server.stop(1_000);
  });
});
