import { cpus, totalmem } from 'node:os';
import type { Measurement } from './measure.ts';

/** The machine that figures come from. */
export function machine(): string {
  const [cpu] = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${gib} GiB, Node ${process.versions.node}`;
}

/** A Markdown table of one row for each scenario. */
export function table(results: ReadonlyMap<string, Measurement>): string {
  const rows = [...results].map(([name, { requestsPerSecond, p50Ms, p99Ms, cpuUs }]) => {
    const cpu = Object.entries(cpuUs).map(([process, us]) => `${process} ${us.toFixed(0)}`);
    return `| ${name} | ${requestsPerSecond.toFixed(0)} | ${p50Ms.toFixed(2)} | ${p99Ms.toFixed(2)} | ${cpu.join(', ')} |`;
  });
  return ['| scenario | requests/s | p50 ms | p99 ms | CPU µs per request |', '|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}
