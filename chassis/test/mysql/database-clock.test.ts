import assert from 'node:assert/strict';
import { pino } from 'pino';
import { DomainError } from '../../src/lib/errors.ts';
import { createDatabaseClock, fixedClock } from '../../src/mysql/database-clock.ts';

const HOUR_MS = 3_600_000;
const isOff = (error: unknown) => error instanceof DomainError && error.reason === 'CLOCK_OFF';

/** A database whose time is right, and a machine that is ahead of it by `aheadMs`. */
function clockOf({ aheadMs = 0 }) {
  const lines: string[] = [];
  const state = { aheadMs, reads: 0, waitMs: 0 };
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const readTime = async () => {
    state.reads += 1;
    const time = new Date();
    if (state.waitMs > 0) await new Promise((resolve) => setTimeout(resolve, state.waitMs));
    return time;
  };
  const clock = createDatabaseClock({ readTime, log, machineMs: () => Date.now() + state.aheadMs });
  return { clock, lines, state };
}

describe('the clock of a database', () => {
  for (const aheadMs of [HOUR_MS, -HOUR_MS]) {
    it(`is right on a machine that is ${aheadMs} ms ahead, which is not ready and says so once`, async () => {
      const { clock, lines } = clockOf({ aheadMs });
      await assert.rejects(clock.ready(), isOff);
      await clock.measure();
      assert.equal(await clock.isReady(), false);
      assert.ok(Math.abs(clock.now().getTime() - Date.now()) < 1_000, 'the database’s time');
      assert.equal(lines.length, 1);
      assert.ok(Math.abs(JSON.parse(lines[0] ?? '').offsetMs - aheadMs) < 1_000);
      const [{ value } = { value: 0 }] = await clock.gauge.read();
      assert.ok(Math.abs(value - aheadMs / 1_000) < 1);
    });
  }

  it('lets a machine work whose clock is seconds off, and again one whose clock was set right', async () => {
    const { clock, state, lines } = clockOf({ aheadMs: 2_000 });
    await clock.ready();
    state.aheadMs = HOUR_MS;
    await assert.rejects(clock.ready(), isOff, 'the clock was set: that is noticed without a measurement');
    state.aheadMs = 0;
    await clock.ready();
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).level),
      [50, 30],
    );
  });

  it('asks once for all, and does not take a slow answer for a wrong clock', async () => {
    const { clock, state } = clockOf({ aheadMs: 0 });
    await clock.ready();
    await clock.ready();
    assert.equal(state.reads, 1);
    state.waitMs = 150;
    await clock.measure();
    assert.equal(state.reads, 3, 'a slow answer is asked for again');
    assert.equal(await clock.isReady(), true);
  });

  it('passes on that the database is away', async () => {
    const away = new Error('away');
    const clock = createDatabaseClock({ readTime: () => Promise.reject(away), log: pino({ level: 'silent' }) });
    await assert.rejects(clock.ready(), away);
  });

  it('is always right when it is fixed', async () => {
    const clock = fixedClock({ now: () => new Date(0) });
    await clock.ready();
    assert.deepEqual([clock.now(), await clock.isReady()], [new Date(0), true]);
  });
});
