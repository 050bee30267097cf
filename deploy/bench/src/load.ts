import { createHistogram } from 'node:perf_hooks';

/** One request; rejects when it fails. `client` is the number of the simulated client that makes it. */
export type Request = (client: number) => Promise<void>;

/** What came of a burst of load. */
export interface Outcome {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Lets `clients` clients make requests, each the next as soon as it has the answer to the last, for `durationMs`.
 * @throws whatever a request rejects with: a measurement of failures is none.
 */
export async function load(request: Request, clients: number, durationMs: number): Promise<Outcome> {
  const latencies = createHistogram();
  const start = performance.now();
  const client = async (number: number) => {
    while (performance.now() - start < durationMs) {
      const sent = performance.now();
      await request(number);
      latencies.record(Math.max(1, Math.round((performance.now() - sent) * 1e3)));
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  return {
    requests: latencies.count,
    seconds: (performance.now() - start) / 1e3,
    p50Ms: latencies.percentile(50) / 1e3,
    p99Ms: latencies.percentile(99) / 1e3,
  };
}
