import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import dns from 'node:dns';
import { once } from 'node:events';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Metadata, status } from '@grpc/grpc-js';
import { DomainError } from '../../src/lib/errors.ts';
import { METADATA, printable } from '../../src/lib/metadata.ts';
import { mesh } from '../../src/testing/certificates.ts';
import { afterThisTest } from '../support/cleanup.ts';
import { connect, startEcho } from '../support/echo.ts';
import { failureOf } from '../support/failure.ts';

const tree = { texts: [], child: undefined, word: '' };

function unavailable(): never {
  throw new DomainError('unavailable', 'AWAY', 'Away.');
}

/** Waits, while calls are made, until enough of them were answered. */
async function answers(enough: () => boolean): Promise<void> {
  while (!enough()) await turn();
}

describe('openChannel', () => {
  it('uses all replicas in turn', async () => {
    const [a, b] = [await startEcho(), await startEcho()];
    const { client } = await connect(`ipv4:127.0.0.1:${a.port},127.0.0.1:${b.port}`);
    while (a.calls().length === 0 || b.calls().length === 0) await client.echo({ text: 'a', number: 1n });
    const before = a.calls().length - b.calls().length;
    for (let call = 0; call < 40; call += 1) await client.echo({ text: 'a', number: 1n });
    assert.ok(Math.abs(a.calls().length - b.calls().length - before) <= 2);
  });

  it('fails no retry-safe call when one of two replicas is killed under load', async () => {
    const replica = fork(join(import.meta.dirname, '../fixtures/echo-server.ts'), { serialization: 'advanced' });
    afterThisTest(() => void replica.kill('SIGKILL'));
    replica.send(await (await mesh).issue('svc-echo'));
    const [port] = await once(replica, 'message');
    const b = await startEcho();
    const { client } = await connect(`ipv4:127.0.0.1:${port},127.0.0.1:${b.port}`);
    let [answered, loaded] = [0, true];
    const load = Promise.all(
      Array.from({ length: 10 }, async () => {
        for (; loaded; answered += 1) await client.echo({ text: 'a', number: 1n });
      }),
    );
    await answers(() => answered > b.calls().length + 50);
    replica.kill('SIGKILL');
    await once(replica, 'exit');
    const before = answered;
    await answers(() => answered > before + 200);
    loaded = false;
    await load;
  });

  it('sends a retry-safe call again, at most three times in all, when it is answered UNAVAILABLE', async () => {
    let handled = 0;
    const { port } = await startEcho({
      echo: async () => {
        handled += 1;
        return unavailable();
      },
    });
    const { client } = await connect(port);
    assert.equal((await failureOf(client.echo({ text: 'a', number: 1n }))).reason, 'AWAY');
    assert.equal(handled, 3);
  });

  it('sends a call that is not retry-safe once, whatever the answer', async () => {
    let handled = 0;
    const { port, server } = await startEcho({
      echoTree: async () => {
        handled += 1;
        if (handled === 1) return unavailable();
        setImmediate(() => void server.stop(0));
        return new Promise(() => undefined);
      },
    });
    const { client } = await connect(port);
    assert.equal((await failureOf(client.echoTree(tree))).code, 'UNAVAILABLE');
    assert.equal(handled, 1);
    await failureOf(client.echoTree(tree));
    assert.equal(handled, 2);
  });

  it('does not retry what failed for want of a neighbour: that call was retried already', async () => {
    let handled = 0;
    const second = await startEcho({
      echo: async () => {
        handled += 1;
        return unavailable();
      },
    });
    const { client: next } = await connect(second.port);
    const first = await startEcho({ echo: (request) => next.echo(request) });
    const { client } = await connect(first.port);
    const failure = await failureOf(client.echo({ text: 'a', number: 1n }));
    assert.equal(failure.code, 'UNAVAILABLE');
    assert.equal(failure.reason, undefined);
    assert.equal(handled, 3);
  });

  for (const code of ['UNAUTHENTICATED', 'RESOURCE_EXHAUSTED', 'ABORTED', 'UNIMPLEMENTED'] as const) {
    it(`tells the caller UNAVAILABLE when a neighbour refuses us with ${code}, and logs what it said`, async () => {
      const refusal = Object.assign(new Error(`${status[code]} ${code}: no`), { code: status[code], details: 'no' });
      const echo = async () => {
        throw Object.assign(refusal, { metadata: new Metadata() });
      };
      const { port, calls } = await startEcho({ echo });
      const { client } = await connect(port);
      assert.equal((await failureOf(client.echo({ text: 'a', number: 1n }))).code, 'UNAVAILABLE');
      assert.match(JSON.stringify(calls()), new RegExp(code));
    });
  }

  it('tells the caller UNAVAILABLE when a neighbour is busy', async () => {
    const second = await startEcho({}, { concurrentCallsMax: 0 });
    const { client: next } = await connect(second.port);
    const first = await startEcho({ echo: (request) => next.echo(request) });
    const { client } = await connect(first.port);
    assert.equal((await failureOf(client.echo({ text: 'a', number: 1n }))).code, 'UNAVAILABLE');
  });

  it('finds a replica that came later, once the age of its connection is over', async () => {
    const a = await startEcho({}, { connectionAgeMsMax: 300 });
    const b = await startEcho({}, { host: '127.0.0.2', port: a.port });
    const addresses = [{ address: '127.0.0.1', family: 4 }];
    const { lookup } = dns.promises;
    afterThisTest(() => {
      dns.promises.lookup = lookup;
    });
    dns.promises.lookup = (async () => [...addresses]) as unknown as typeof lookup;
    const { client } = await connect(`dns:///replicas.test:${a.port}`);
    await client.echo({ text: 'a', number: 1n });
    addresses.push({ address: '127.0.0.2', family: 4 });
    while (b.calls().length === 0) await client.echo({ text: 'a', number: 1n });
    assert.ok([...a.calls(), ...b.calls()].every(({ code }) => code === 'OK'));
  });

  it('fails at once with UNAVAILABLE when nobody listens', async () => {
    const { server, port } = await startEcho();
    await server.stop(0);
    const { client } = await connect(port);
    const startMs = performance.now();
    assert.equal((await failureOf(client.echoTree(tree))).code, 'UNAVAILABLE');
    assert.ok(performance.now() - startMs < 250);
  });
});

describe('printable', () => {
  it('leaves of a text what metadata may carry', () => {
    const hostile = `Mozilla/5.0 (Ünïcode \u{1f600})\r\nx-evil: 1\u0000${'x'.repeat(10_000)}`;
    const metadata = new Metadata();
    metadata.set(METADATA.originUserAgent, printable(hostile));
    assert.equal(printable(hostile).length, 512);
    assert.match(printable(hostile), /^Mozilla\/5\.0 \(\?n\?code \?\?\)\?\?x-evil: 1\?x+$/);
  });
});
