import type { Reading, SqlCount } from './counters.ts';

/** What one purchase costs, everything that it causes later included, and what the mesh does at rest left out. */
export interface Cost {
  /** By service. */
  readonly sql: Readonly<Record<string, SqlCount>>;
  /** By process, in microseconds. */
  readonly cpuUs: Readonly<Record<string, number>>;
}

/** The same of a mesh that nobody uses, for each millisecond. */
export function atRest(from: Reading, to: Reading): Cost {
  return divided(from, to, to.atMs - from.atMs, undefined);
}

/** @param rest what the mesh does at rest, for each millisecond. */
export function costOf(from: Reading, to: Reading, purchases: number, rest: Cost): Cost {
  return divided(from, to, purchases, rest);
}

function divided(from: Reading, to: Reading, by: number, rest: Cost | undefined): Cost {
  const ms = to.atMs - from.atMs;
  const share = (after: number, before: number, restPerMs = 0) => Math.max(0, after - before - ms * restPerMs) / by;
  const sql = Object.entries(to.sql).map(([service, after]) => {
    const keys = Object.keys(after) as (keyof SqlCount)[];
    const before = from.sql[service] ?? after;
    return [
      service,
      Object.fromEntries(keys.map((key) => [key, share(after[key], before[key], rest?.sql[service]?.[key])])),
    ];
  });
  const cpuUs = Object.entries(to.cpuUs).map(([name, after]) => {
    return [name, share(after, from.cpuUs[name] ?? after, rest?.cpuUs[name])];
  });
  return { sql: Object.fromEntries(sql), cpuUs: Object.fromEntries(cpuUs) };
}
