import assert from 'node:assert/strict';
import { atRest, costOf } from '../src/purchases/cost.ts';
import type { Reading } from '../src/purchases/counters.ts';
import { report } from '../src/purchases/report.ts';

/** Counters that are all alike. */
function reading(atMs: number, count: number): Reading {
  const sql = { statements: count, commits: count, rollbacks: 0, logFsyncs: count, rowLockMs: 0 };
  return { atMs, sql: { 'svc-x': sql }, cpuUs: { 'svc-x': count } };
}

describe('what a purchase costs', () => {
  it('is what was counted, less what the mesh does at rest, for each purchase', () => {
    const rest = atRest(reading(0, 0), reading(1_000, 100));
    assert.equal(rest.sql['svc-x']?.statements, 0.1);
    const { sql, cpuUs } = costOf(reading(1_000, 100), reading(3_000, 700), 4, rest);
    assert.deepEqual(sql['svc-x'], { statements: 100, commits: 100, rollbacks: 0, logFsyncs: 100, rowLockMs: 0 });
    assert.deepEqual(cpuUs, { 'svc-x': 100 });
  });

  it('is never less than nothing', () => {
    const rest = atRest(reading(0, 0), reading(1_000, 100));
    assert.equal(costOf(reading(1_000, 100), reading(3_000, 150), 1, rest).cpuUs['svc-x'], 0);
  });

  it('is told by the medians of its rounds, with what was answered else', () => {
    const burst = (perSecond: number) => ({
      ...{ perSecond, p50Ms: 1, p99Ms: 2, coresBusy: 1.5 },
      cost: costOf(reading(0, 0), reading(1_000, 8_000), 2, atRest(reading(0, 0), reading(1, 0))),
      others: new Map(perSecond === 3 ? [['409 CONTENTION', 7]] : []),
    });
    const text = report(new Map([['one store', [burst(1), burst(3), burst(2)]]]));
    assert.match(text, /\| one store \| 2\.0 \| 1\.0 \| 2\.0 \| 1\.50 \|/);
    assert.match(text, /\| one store \| svc-x \| 4000\.0 \|/);
    assert.match(text, /\| svc-x \| 4\.00 \|/);
    assert.match(text, /one store: 7 answered 409 CONTENTION/);
  });
});
