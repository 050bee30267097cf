import { cpuTimeUs } from './cpu-time.ts';
import { load } from './load.ts';
import type { Scenario } from './scenarios.ts';
import { median } from './statistics.ts';

/** What one scenario cost in one round. */
export interface Measurement {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of each process over the requests served, in microseconds. */
  readonly cpuUs: Readonly<Record<string, number>>;
}

/** Measures a scenario once. */
export async function measure(scenario: Scenario, clients: number, durationMs: number): Promise<Measurement> {
  const { request, close } = scenario.open(clients);
  try {
    await load(request, clients, Math.min(500, durationMs));
    const processes = Object.entries(scenario.processes);
    const before = processes.map(([, pid]) => cpuTimeUs(pid));
    const { requests, seconds, p50Ms, p99Ms } = await load(request, clients, durationMs);
    const cpuUs = processes.map(([name, pid], index) => [name, (cpuTimeUs(pid) - (before[index] ?? 0)) / requests]);
    return { requestsPerSecond: requests / seconds, p50Ms, p99Ms, cpuUs: Object.fromEntries(cpuUs) };
  } finally {
    await close();
  }
}

/** The median of several rounds, figure by figure. */
export function medianOf(rounds: readonly Measurement[]): Measurement {
  const names = Object.keys(rounds[0]?.cpuUs ?? {});
  return {
    requestsPerSecond: median(rounds.map((round) => round.requestsPerSecond)),
    p50Ms: median(rounds.map((round) => round.p50Ms)),
    p99Ms: median(rounds.map((round) => round.p99Ms)),
    cpuUs: Object.fromEntries(names.map((name) => [name, median(rounds.map((round) => round.cpuUs[name] ?? 0))])),
  };
}
