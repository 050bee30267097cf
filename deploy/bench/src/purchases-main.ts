import { execFileSync } from 'node:child_process';
import { readMesh } from './environment.ts';
import { type Api, openApi } from './purchases/api.ts';
import { openMeters } from './purchases/counters.ts';
import { openMarket, register } from './purchases/market.ts';
import { type Bench, type Burst, measure, type Scenario } from './purchases/measure.ts';
import { untilAtRest } from './purchases/quiet.ts';
import { report, restReport } from './purchases/report.ts';
import { machine } from './report.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const DURATION_MS = Number(process.env.BENCH_DURATION_MS ?? 6_000);
const CLIENTS = (process.env.BENCH_CLIENTS ?? '1,32').split(',').map(Number);
const WARM_UP_MS = 2_000;
const CLI = process.env.MALLA_CLI ?? '';

const mesh = readMesh(process.env);
const stateDir = process.env.MALLA_STATE_DIR ?? '';
const api = openApi(mesh);
const meters = await openMeters(stateDir);
try {
  const market = await openMarket(api, Math.max(...CLIENTS));
  const bench: Bench = { api, market, meters, stateDir, rest: await untilAtRest(meters) };
  const scenarios: readonly Scenario[] = [
    { name: 'a thousand stores', variants: market.everywhere },
    { name: 'one store, a hundred variants', variants: market.hotStore },
    { name: 'one store, one variant', variants: market.hotStore.slice(0, 1) },
  ];
  console.log(`## Purchases\n\n${machine()}; medians of ${ROUNDS} interleaved rounds of ${DURATION_MS} ms\n`);
  console.log(`${restReport(bench.rest)}\n`);
  for (const scenario of scenarios) await measure(scenario, Math.max(...CLIENTS), WARM_UP_MS, bench);
  for (const clients of CLIENTS) {
    const rounds = await measureAll(scenarios, clients, bench);
    console.log(`### ${clients} ${clients === 1 ? 'client' : 'clients'}\n\n${report(rounds)}\n`);
  }
  console.log(await verifyLedger(api));
} finally {
  await meters.close();
  await api.close();
}

async function measureAll(scenarios: readonly Scenario[], clients: number, bench: Bench) {
  const rounds = new Map<string, Burst[]>(scenarios.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const scenario of scenarios) {
      rounds.get(scenario.name)?.push(await measure(scenario, clients, DURATION_MS, bench));
    }
  }
  return rounds;
}

/** A measurement that lost a cent is none. @throws Error naming the faults of the ledger. */
async function verifyLedger(on: Api): Promise<string> {
  const email = `operator-${process.pid}@example.com`;
  await register(on, email);
  execFileSync(CLI, ['job', 'svc-users', 'grant', '--unverified', email, 'ledger:verify'], { stdio: 'ignore' });
  const { access_token } = await on.ok('/v1/users/login', { email, password: email });
  const { faults, transferCount } = await on.ok('/v1/transactions/ledger:verify', {}, String(access_token));
  if ((faults as unknown[]).length > 0) throw new Error(`the ledger has faults: ${JSON.stringify(faults)}`);
  return `VerifyLedger over ${transferCount} transfers: no faults`;
}
