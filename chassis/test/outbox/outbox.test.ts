import assert from 'node:assert/strict';
import { deliverOne, type OutboxStore, takeOne, waitMs } from '../../src/outbox/outbox.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const clock = { now: () => NOW };
const backoffMs = { min: 100, max: 1_000 };

describe('deliverOne', () => {
  it('takes an entry for the time of a lease, delivers it and says so', async () => {
    const { store, log } = recordingStore(0);
    const deliver = async () => void log.push('deliver');
    assert.equal(await deliverOne({ store, deliver, clock, leaseMs: 5_000, backoffMs }), true);
    assert.deepEqual(log, ['take until 2026-01-01T00:00:05.000Z', 'deliver', 'done']);
  });

  it('has an entry that could not be delivered tried again, later each time', async () => {
    for (const [attempts, longestMs] of [
      [0, 100],
      [2, 400],
      [9, 1_000],
    ] as const) {
      const { store, log } = recordingStore(attempts);
      const deliver = () => Promise.reject(new Error('away'));
      assert.equal(await deliverOne({ store, deliver, clock, leaseMs: 5_000, backoffMs }), true);
      const [, delayMs, cause] = log.at(-1)?.split('|') ?? [];
      assert.ok(Number(delayMs) <= longestMs && Number(delayMs) >= longestMs * 0.79, `${delayMs} ms`);
      assert.equal(cause, 'Error: away');
    }
  });

  it('says when nothing is due', async () => {
    const store = { ...recordingStore(0).store, take: async () => undefined };
    assert.equal(await deliverOne({ store, deliver: async () => undefined, clock, leaseMs: 1, backoffMs }), false);
  });
});

describe('takeOne', () => {
  it('delivers when it is told to, and not before', async () => {
    const { store, log } = recordingStore(0);
    const deliver = async () => void log.push('deliver');
    const delivery = await takeOne({ store, deliver, clock, leaseMs: 5_000, backoffMs });
    assert.equal(log.length, 1);
    await delivery?.();
    assert.deepEqual(log.slice(1), ['deliver', 'done']);
  });
});

describe('waitMs', () => {
  it('never exceeds the longest, however often it failed', () => {
    assert.ok(waitMs(5_000, backoffMs) <= 1_000);
  });
});

function recordingStore(attempts: number) {
  const log: string[] = [];
  const store: OutboxStore<{ attempts: number }> = {
    take: async (_now, leaseTime) => {
      log.push(`take until ${leaseTime.toISOString()}`);
      return { attempts };
    },
    done: async () => void log.push('done'),
    retry: async (_entry, time, cause) => void log.push(`retry|${time.getTime() - NOW.getTime()}|${cause}`),
  };
  return { store, log };
}
