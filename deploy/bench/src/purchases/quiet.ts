import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { atRest, type Cost } from './cost.ts';
import type { Meters, Reading } from './counters.ts';

const REST_MS = 3_000;
const LOOK_EVERY_MS = 500;
/** How much more than at rest still counts as quiet: services at rest look for work now and then. */
const MORE = 1.5;
const QUIET_WITHIN_MS = 180_000;

/** Waits until a mesh that nobody uses does not get any quieter. @returns what it does at rest, for each millisecond. */
export async function untilAtRest(meters: Meters): Promise<Cost> {
  let last = await meters.read();
  let lastRate = Number.POSITIVE_INFINITY;
  for (;;) {
    await sleep(REST_MS);
    const now = await meters.read();
    const rest = atRest(last, now);
    if (rateOf(rest) > 0.9 * lastRate) return rest;
    [last, lastRate] = [now, rateOf(rest)];
  }
}

/**
 * Waits until the provider has told of everything and the services do no more than they do at rest, so that what a purchase
 * causes afterwards is counted too. @returns the counters then.
 */
export async function untilQuiet(meters: Meters, stateDir: string, rest: Cost): Promise<Reading> {
  const sandbox = new DatabaseSync(join(stateDir, 'data/payment-sandbox.sqlite'), { readOnly: true });
  const untold = sandbox.prepare('SELECT COUNT(*) AS count FROM notifications WHERE due_ms IS NOT NULL');
  const end = performance.now() + QUIET_WITHIN_MS;
  let last = await meters.read();
  try {
    for (;;) {
      await sleep(LOOK_EVERY_MS);
      const now = await meters.read();
      if (untold.get()?.count === 0 && rateOf(atRest(last, now)) < MORE * rateOf(rest)) return now;
      if (performance.now() > end) throw new Error('the mesh does not come to rest');
      last = now;
    }
  } finally {
    sandbox.close();
  }
}

/** Statements of all services together. */
function rateOf({ sql }: Cost): number {
  return Object.values(sql).reduce((sum, { statements }) => sum + statements, 0);
}
