import { bareCaller } from './bare-call.ts';

/** A burst of calls to make: an RPC by its path, by `clients` at once, for a time. */
export interface Burst {
  readonly path: string;
  readonly clients: number;
  readonly durationMs: number;
}

/**
 * A process that makes bare calls. Takes the upstream's port; for each Burst it is sent it answers how many calls it made, and
 * their CPU time in microseconds.
 */
const call = bareCaller(process.argv[2]);

process.on('message', async ({ path, clients, durationMs }: Burst) => {
  let calls = 0;
  const end = performance.now() + durationMs;
  const before = process.cpuUsage();
  const run = async () => {
    for (; performance.now() < end; calls += 1) await call(path);
  };
  await Promise.all(Array.from({ length: clients }, run));
  const { user, system } = process.cpuUsage(before);
  process.send?.({ calls, cpuUs: user + system });
});
process.send?.('ready');
