import { randomUUID } from 'node:crypto';
import { load, type Outcome } from '../load.ts';
import type { Api } from './api.ts';
import { type Cost, costOf } from './cost.ts';
import type { Meters } from './counters.ts';
import type { Market } from './market.ts';
import { untilQuiet } from './quiet.ts';

/** Which variants are bought, each as often as another. */
export interface Scenario {
  readonly name: string;
  readonly variants: readonly string[];
}

/** What came of a burst of purchases. */
export interface Burst {
  /** Purchases that were answered as paid and sold. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How many of the cores were busy while customers bought. */
  readonly coresBusy: number;
  readonly cost: Cost;
  /** What else was answered, and how often. */
  readonly others: ReadonlyMap<string, number>;
}

export interface Bench {
  readonly api: Api;
  readonly market: Market;
  readonly meters: Meters;
  readonly stateDir: string;
  /** What the mesh does at rest, for each millisecond. */
  readonly rest: Cost;
}

/** Lets `clients` customers buy for `durationMs`, each the next thing as soon as the last is bought. */
export async function measure(
  { variants }: Scenario,
  clients: number,
  durationMs: number,
  bench: Bench,
): Promise<Burst> {
  const { api, market, meters, stateDir, rest } = bench;
  const others = new Map<string, number>();
  const buy = async (client: number) => {
    const variantId = variants[Math.floor(Math.random() * variants.length)];
    const headers = { 'idempotency-key': randomUUID() };
    const body = { lines: [{ variantId, quantity: 1 }] };
    const answer = await api.post('/v1/transactions/purchases', body, market.customers[client], headers);
    if (answer.body.state === 'PURCHASE_STATE_CAPTURED') return;
    const what = `${answer.status} ${answer.body.reason || answer.body.state}`;
    others.set(what, (others.get(what) ?? 0) + 1);
  };
  const before = await untilQuiet(meters, stateDir, rest);
  const outcome = await load(buy, clients, durationMs);
  const busy = await meters.read();
  const after = await untilQuiet(meters, stateDir, rest);
  return {
    ...rates(
      outcome,
      [...others.values()].reduce((sum, count) => sum + count, 0),
    ),
    coresBusy: (sum(busy.cpuUs) - sum(before.cpuUs)) / 1e3 / (busy.atMs - before.atMs),
    cost: costOf(before, after, outcome.requests, rest),
    others,
  };
}

function rates({ requests, seconds, p50Ms, p99Ms }: Outcome, others: number) {
  return { perSecond: (requests - others) / seconds, p50Ms, p99Ms };
}

function sum(values: Readonly<Record<string, number>>): number {
  return Object.values(values).reduce((total, value) => total + value, 0);
}
