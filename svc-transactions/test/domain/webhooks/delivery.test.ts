import assert from 'node:assert/strict';
import { afterTry, type Delivery, newDelivery, replayed } from '../../../src/domain/webhooks/delivery.ts';

const NOW = new Date('2026-12-01T00:00:00Z');
const [SECOND_MS, HOUR_MS] = [1_000, 3_600_000];
const FAILED = { status: 500, error: 'HTTP_STATUS', retryAfterMs: undefined };

describe('A delivery', () => {
  it('is tried ten times over three days, as Standard Webhooks has it, and then no more', () => {
    let delivery = newDelivery('we_1', 'evt_1', 'webhook.test', NOW);
    let now = NOW;
    const waitsS: number[] = [];
    while (delivery.nextTryTime) {
      delivery = afterTry(delivery, FAILED, now);
      if (!delivery.nextTryTime) break;
      waitsS.push((delivery.nextTryTime.getTime() - now.getTime()) / SECOND_MS);
      now = delivery.nextTryTime;
      assert.equal(delivery.state, 'pending');
      assert.ok(delivery.expireTime && now < delivery.expireTime, 'is given up before its last try');
    }
    const planned = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
    assert.equal(waitsS.length, planned.length);
    assert.ok(planned.every((seconds, at) => (waitsS[at] ?? 0) >= seconds && (waitsS[at] ?? 0) <= seconds * 1.1));
    assert.ok(now.getTime() - NOW.getTime() > 72 * HOUR_MS);
    assert.deepEqual([delivery.state, delivery.attempts, delivery.expireTime], ['failed', 10, null]);
  });

  it('ends when it succeeds', () => {
    const ended = afterTry(
      newDelivery('we_1', 'evt_1', 'webhook.test', NOW),
      { ...FAILED, status: 204, error: '' },
      NOW,
    );
    assert.deepEqual([ended.state, ended.nextTryTime, ended.lastStatus], ['succeeded', null, 204]);
  });

  it('waits for as long as the endpoint asks, up to a day, and never shorter than planned', () => {
    const waitMs = (retryAfterMs: number) => {
      const tried = afterTry(newDelivery('we_1', 'evt_1', 'webhook.test', NOW), { ...FAILED, retryAfterMs }, NOW);
      return (tried.nextTryTime?.getTime() ?? 0) - NOW.getTime();
    };
    assert.ok(waitMs(60_000) >= 60_000);
    assert.ok(waitMs(0) >= 5_000);
    assert.ok(waitMs(1e15) <= 24 * HOUR_MS * 1.1);
  });

  it('has all its tries again when it is replayed', () => {
    const delivery: Delivery = { ...newDelivery('we_1', 'evt_1', 'webhook.test', NOW), state: 'failed', attempts: 10 };
    const again = replayed({ ...delivery, nextTryTime: null, expireTime: null }, NOW);
    assert.deepEqual([again.state, again.attempts, again.nextTryTime], ['pending', 0, NOW]);
    assert.ok(again.expireTime && again.expireTime > NOW);
  });
});
