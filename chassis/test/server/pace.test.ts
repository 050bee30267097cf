import assert from 'node:assert/strict';
import { Metadata } from '@grpc/grpc-js';
import { EchoStreamRequest } from '@malla/proto/malla/testing/v1/echo_service';
import { callServerStream } from '../../src/client/stream-call.ts';
import { METADATA } from '../../src/lib/metadata.ts';
import { createPace } from '../../src/server/pace.ts';
import { mesh } from '../../src/testing/certificates.ts';
import { connect, type EchoHandlers, rpcOf, startEcho } from '../support/echo.ts';

const STREAM = EchoStreamRequest.encode({ text: 'a', count: 1 }).finish();
const PER_SECOND = 200;
const MESSAGES = 500;

const log: Partial<EchoHandlers> = {
  echoStream: async function* ({ text }) {
    for (let index = 0; index < MESSAGES; index += 1) yield { text, index };
  },
};

describe('the pace of streams', () => {
  it('bounds the messages of one client over all its streams, and neither another client nor the mesh waits', async () => {
    const { port } = await startEcho(log, { streamMessagesPerSecond: PER_SECOND });
    const durationOf = async (caller: string, address: string) => {
      const { channel } = await connect(port, await (await mesh).issue(caller));
      const metadata = new Metadata();
      metadata.set(METADATA.originAddress, address);
      const start = performance.now();
      let count = 0;
      for await (const _ of callServerStream(channel, rpcOf('EchoStream'), STREAM, { metadata })) count += 1;
      assert.equal(count, MESSAGES);
      return performance.now() - start;
    };
    const [first, second, other, neighbour] = await Promise.all([
      durationOf('edge-gateway', '192.0.2.1'),
      durationOf('edge-gateway', '192.0.2.1'),
      durationOf('edge-gateway', '192.0.2.2'),
      durationOf('svc-transactions', '192.0.2.1'),
    ]);
    // The first 200 are sent at once: 800 of two streams, and 300 of one, by 200 a second.
    assert.ok(Math.max(first, second) > 3_900, `${first} ${second}`);
    assert.ok(other > 1_400 && other < 3_000, String(other));
    assert.ok(neighbour < 1_400, String(neighbour));
  });
});

describe('createPace', () => {
  it('lets a client send a second of messages at once, and has it pay for them later', () => {
    const pace = createPace(10);
    const delays = Array.from({ length: 12 }, () => pace.spend('192.0.2.1'));
    assert.deepEqual(delays.slice(0, 9), Array(9).fill(0));
    assert.ok(delays[11] !== undefined && delays[11] > 150 && delays[11] <= 200, String(delays));
    assert.equal(pace.spend('192.0.2.2'), 0);
  });
  it('takes back what was counted and not done', () => {
    const pace = createPace(10);
    for (let index = 0; index < 11; index += 1) pace.spend('192.0.2.1');
    for (let index = 0; index < 2; index += 1) pace.giveBack('192.0.2.1');
    assert.equal(pace.spend('192.0.2.1'), 0);
  });
});
