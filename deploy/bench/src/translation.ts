import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuTimeUs } from './cpu-time.ts';
import { httpTarget } from './http-target.ts';
import { load } from './load.ts';
import { median } from './statistics.ts';

/** What `edge-gateway/bench/fixture.ts` tells. */
export interface Fixture {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ca: Buffer;
  readonly gatewayPid: number;
}

/** One way to ask for something over HTTPS. */
interface Way {
  readonly name: string;
  readonly path: string;
}

const WAYS: readonly Way[] = [
  { name: 'static route, small', path: '/static/small' },
  { name: 'static route, list of 20', path: '/static/list' },
  { name: 'static route with a bare call, small', path: '/called/small' },
  { name: 'static route with a bare call, list of 20', path: '/called/list' },
  { name: 'cached RPC, small', path: '/v1/testing/cachedItems/1' },
  { name: 'RPC, small', path: '/v1/testing/items/1' },
  { name: 'RPC, list of 20', path: '/v1/testing/items' },
];
const BARE: readonly Way[] = [
  { name: 'bare client, small', path: '/malla.testing.v1.BenchService/GetItem' },
  { name: 'bare client, list of 20', path: '/malla.testing.v1.BenchService/ListItems' },
];

/** What one way cost. */
interface Cost {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuUs: number;
}

/** How the load is made. */
export interface Plan {
  readonly rounds: number;
  readonly durationMs: number;
  readonly clients: readonly number[];
}

/** Starts the fixture: the gateway as it is, with static routes behind the same hooks, over an upstream that costs nothing. */
export async function startFixture(): Promise<Fixture> {
  const child = fork(join(import.meta.dirname, '../../../edge-gateway/bench/fixture.ts'));
  child.once('exit', died);
  const [{ url, caFile, gatewayPid }] = await once(child, 'message');
  return { child, url, ca: readFileSync(caFile), gatewayPid };
}

/** A fixture that ends by itself has failed, and said why. */
function died(): void {
  process.exit(1);
}

/** Ends the fixture. */
export function stopFixture({ child }: Fixture): void {
  child.off('exit', died);
  child.disconnect();
}

/** Measures the translation in interleaved rounds. @returns Markdown: a table for each kind of connection, and the ratios. */
export async function measureTranslation(fixture: Fixture, { rounds, durationMs, clients }: Plan): Promise<string> {
  await warmUp(fixture);
  const parts: string[] = [];
  for (const http2 of [false, true]) {
    for (const count of clients) {
      const costs = new Map([...WAYS, ...BARE].map(({ name }) => [name, [] as Cost[]]));
      for (let round = 0; round < rounds; round += 1) {
        for (const way of WAYS) costs.get(way.name)?.push(await overHttps(fixture, way, count, http2, durationMs));
        for (const way of BARE) costs.get(way.name)?.push(await bare(fixture, way, count, durationMs));
      }
      parts.push(report(`HTTP/${http2 ? '2' : '1.1'}, ${count} clients`, costs));
    }
  }
  return parts.join('\n\n');
}

async function warmUp(fixture: Fixture): Promise<void> {
  for (const way of WAYS) await overHttps(fixture, way, 16, false, 1_500);
  for (const way of BARE) await bare(fixture, way, 16, 1_500);
}

async function overHttps(
  { url, ca, gatewayPid }: Fixture,
  { path }: Way,
  clients: number,
  http2: boolean,
  durationMs: number,
): Promise<Cost> {
  const { request, close } = httpTarget(url + path, clients, { ca, http2 });
  try {
    await load(request, clients, 200);
    const before = cpuTimeUs(gatewayPid);
    const { requests, seconds, p50Ms, p99Ms } = await load(request, clients, durationMs);
    return { requestsPerSecond: requests / seconds, p50Ms, p99Ms, cpuUs: (cpuTimeUs(gatewayPid) - before) / requests };
  } finally {
    await close();
  }
}

async function bare({ child }: Fixture, { path }: Way, clients: number, durationMs: number): Promise<Cost> {
  child.send({ to: 'bareClient', message: { path, clients, durationMs } });
  const [{ calls, cpuUs }] = await once(child, 'message');
  return { requestsPerSecond: (calls / durationMs) * 1e3, p50Ms: Number.NaN, p99Ms: Number.NaN, cpuUs: cpuUs / calls };
}

function report(title: string, costs: ReadonlyMap<string, readonly Cost[]>): string {
  const of = (name: string, figure: keyof Cost) => median((costs.get(name) ?? []).map((cost) => cost[figure]));
  const rows = [...costs.keys()].map((name) => {
    const [rps, p50, p99, cpu] = (['requestsPerSecond', 'p50Ms', 'p99Ms', 'cpuUs'] as const).map((figure) =>
      of(name, figure),
    );
    return `| ${name} | ${rps?.toFixed(0)} | ${p50?.toFixed(2)} | ${p99?.toFixed(2)} | ${cpu?.toFixed(0)} |`;
  });
  const cpuUs = (what: string, size: string) => of(`${what}, ${size}`, 'cpuUs');
  const ratios = (divisor: (size: string) => number) =>
    ['small', 'list of 20'].map((size) => `${size} ${(cpuUs('RPC', size) / divisor(size)).toFixed(2)}`).join(', ');
  const apart = ratios((size) => cpuUs('static route', size) + cpuUs('bare client', size));
  const together = ratios((size) => cpuUs('static route with a bare call', size));
  const cached = of('cached RPC, small', 'requestsPerSecond') / of('static route, small', 'requestsPerSecond');
  return [
    `### ${title}`,
    '',
    '| what | requests/s | p50 ms | p99 ms | CPU µs per request |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    `cached RPC over static route: ${(cached * 100).toFixed(0)} % of the requests per second (bar: 80 %)`,
    `RPC over static route + bare client, CPU: ${apart} (bar: 1.40)`,
    `RPC over static route with a bare call in one process, CPU: ${together}`,
  ].join('\n');
}
