import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { gatewayForThisTest, type TestGateway } from '../support/gateway.ts';
import type { StreamFake } from '../support/upstream.ts';

const MESSAGES = 300;
const PER_SECOND = 100;

/** Sends a log of 300 messages at once, and ends. */
const log: StreamFake = (_request, call, write) => {
  for (let sent = 0; sent < MESSAGES; sent += 1) write({ text: String(sent) });
  call.end();
};

describe('the pace of streams', () => {
  it('bounds the messages a second of one client over all its streams, and no other client waits', async () => {
    const gateway = await gatewayForThisTest({
      fakes: { streams: { 'TranscodingService/WatchThings': log } },
      env: { STREAM_MESSAGES_PER_SECOND: String(PER_SECOND), TRUST_PROXY: '127.0.0.1' },
    });
    const slow = Promise.all([watch(gateway, '192.0.2.1'), watch(gateway, '192.0.2.1')]);
    // The first client has spent what it may be sent at once.
    await sleep(200);
    const other = await watch(gateway, '192.0.2.2');
    // 100 at once, and the other 500 or 200 by 100 a second.
    const paced = await slow;
    assert.ok(Math.max(...paced) > 4_800, String(paced));
    assert.ok(other > 1_800 && other < 3_800, String(other));
  }).timeout(20_000);
});

/** Reads a whole stream. @returns how long it took, in milliseconds */
async function watch({ app }: TestGateway, client: string): Promise<number> {
  const start = performance.now();
  const headers = { accept: 'application/x-ndjson', 'x-forwarded-for': client };
  const answer = await app.inject({ url: '/v1/testing/things:watch?until=5', headers });
  assert.equal(answer.payload.trim().split('\n').length, MESSAGES);
  return performance.now() - start;
}
