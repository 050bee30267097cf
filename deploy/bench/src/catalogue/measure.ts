import { createHistogram } from 'node:perf_hooks';
import { median } from '../statistics.ts';
import type { Instance } from './instance.ts';
import type { Operation } from './operations.ts';
import type { Sample } from './sample.ts';

/** A catalogue that is asked. */
export interface Subject {
  readonly instance: Instance;
  readonly sample: Sample;
}

/** How long requests took in one catalogue. */
export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** By name of the operation, then for each catalogue; undefined where it has no such thing. */
export type Results = ReadonlyMap<string, readonly (Latency | undefined)[]>;

/**
 * Asks every catalogue for everything, one request at a time, round after round, so that whatever else the machine does
 * disturbs all of them alike. @returns the medians of the rounds.
 */
export async function measureAll(
  operations: readonly Operation[],
  subjects: readonly Subject[],
  { rounds, durationMs }: { readonly rounds: number; readonly durationMs: number },
): Promise<Results> {
  const results = new Map<string, (Latency | undefined)[]>();
  for (const operation of operations) {
    const taken = subjects.map((): (Latency | undefined)[] => []);
    for (let round = -1; round < rounds; round += 1) {
      for (const [at, subject] of subjects.entries()) {
        const latency = await measure(operation, subject, durationMs);
        // The first one warms up.
        if (round >= 0) taken[at]?.push(latency);
      }
    }
    results.set(operation.name, taken.map(medianOf));
  }
  return results;
}

async function measure(
  operation: Operation,
  { instance, sample }: Subject,
  durationMs: number,
): Promise<Latency | undefined> {
  const latencies = createHistogram();
  const start = performance.now();
  while (performance.now() - start < durationMs) {
    const request = operation.prepare(instance.clients, sample);
    if (!request) return undefined;
    const sent = performance.now();
    await request.ask();
    latencies.record(Math.max(1, Math.round((performance.now() - sent) * 1e3)));
    await request.undo?.();
  }
  return { p50Ms: latencies.percentile(50) / 1e3, p99Ms: latencies.percentile(99) / 1e3 };
}

function medianOf(rounds: readonly (Latency | undefined)[]): Latency | undefined {
  const known = rounds.filter((round) => round !== undefined);
  if (known.length === 0) return undefined;
  return { p50Ms: median(known.map(({ p50Ms }) => p50Ms)), p99Ms: median(known.map(({ p99Ms }) => p99Ms)) };
}
