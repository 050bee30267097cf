import assert from 'node:assert/strict';
import { growth, latencyTable } from '../src/catalogue/report.ts';

describe('the table of the catalogue', () => {
  const latency = (p50Ms: number) => ({ p50Ms, p99Ms: 2 * p50Ms });

  it('tells by how much the median grows from the smallest catalogue to the largest', () => {
    assert.equal(growth([latency(2), latency(9), latency(3)]), '× 1.50');
  });

  it('tells no growth of what the largest catalogue or the smallest has not', () => {
    assert.equal(growth([undefined, latency(3)]), '');
    assert.equal(growth([latency(3), undefined]), '');
  });

  it('has a column for each size and says what is promised', () => {
    const operation = { name: 'get', growthMax: 1.3, prepare: () => undefined };
    const results = new Map([['get', [latency(1), latency(1.1)]]]);
    const lines = latencyTable([1_000, 100_000], [operation], results).split('\n');
    assert.equal(lines[0], '| operation | 1,000: p50, p99 ms | 100,000: p50, p99 ms | growth of p50 |');
    assert.equal(lines.at(-1), '| get | 1.00, 2.00 | 1.10, 2.20 | × 1.10 (bar 1.3) |');
  });
});
