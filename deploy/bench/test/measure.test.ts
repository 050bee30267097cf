import assert from 'node:assert/strict';
import { cpuTimeUs } from '../src/cpu-time.ts';
import { load } from '../src/load.ts';
import { medianOf } from '../src/measure.ts';
import { median } from '../src/statistics.ts';

/** The system counts in ticks of 10 ms, in user and in system mode. */
const TICK_US = 20_000;

describe('the measurements', () => {
  it('count every request, and time it', async () => {
    let made = 0;
    const wait = async () => {
      made += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const { requests, seconds, p50Ms } = await load(wait, 4, 200);
    assert.equal(requests, made);
    assert.ok(seconds >= 0.2 && p50Ms >= 4, `${seconds} s, ${p50Ms} ms`);
  });

  it('are not made of failures', async () => {
    await assert.rejects(
      load(() => Promise.reject(new Error('refused')), 2, 50),
      /refused/,
    );
  });

  it('charge a process for the time it computed, as the system counts it', () => {
    const [before, start] = [cpuTimeUs(process.pid), process.cpuUsage()];
    const computed = () => Object.values(process.cpuUsage(start)).reduce((sum, us) => sum + us);
    while (computed() < 200_000) Math.sqrt(before);
    const used = cpuTimeUs(process.pid) - before;
    assert.ok(used >= 200_000 - TICK_US && used <= computed() + TICK_US, `${used} µs of ${computed()} µs`);
  });

  it('are told by their medians', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
    const round = (us: number) => ({ requestsPerSecond: us, p50Ms: us, p99Ms: us, cpuUs: { gateway: us } });
    assert.deepEqual(medianOf([round(1), round(9), round(2)]), round(2));
  });
});
