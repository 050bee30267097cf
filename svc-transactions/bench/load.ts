import { createHistogram } from 'node:perf_hooks';

/** What came of a burst of load. */
export interface Outcome {
  readonly count: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Lets `clients` clients do some work over and over for `durationMs`. @throws what the work throws. */
export async function load(work: () => Promise<void>, clients: number, durationMs: number): Promise<Outcome> {
  const latencies = createHistogram();
  const start = performance.now();
  const client = async () => {
    while (performance.now() - start < durationMs) {
      const begun = performance.now();
      await work();
      latencies.record(Math.max(1, Math.round((performance.now() - begun) * 1e3)));
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return {
    count: latencies.count,
    seconds: (performance.now() - start) / 1e3,
    p50Ms: latencies.percentile(50) / 1e3,
    p99Ms: latencies.percentile(99) / 1e3,
  };
}
