import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { audit } from '../support/crash/audit.ts';
import { type Client, createClient } from '../support/crash/client.ts';
import { type Databases, openDatabases } from '../support/crash/databases.ts';
import { type Fleet, startFleet } from '../support/crash/fleet.ts';
import { killAtRandom } from '../support/crash/killer.ts';
import { type Market, newPerson, openMarket } from '../support/crash/market.ts';
import { pay } from '../support/crash/payer.ts';
import { newPlan } from '../support/crash/plan.ts';
import { startProgress } from '../support/crash/progress.ts';
import { readProvider } from '../support/crash/provider.ts';
import { type Random, seeded } from '../support/crash/random.ts';
import { recovered, unfinished } from '../support/crash/recovery.ts';
import { newShopper, type Shopper } from '../support/crash/shopper.ts';
import {
  BETWEEN_KILLS_MS,
  PAYERS,
  PAYMENTS_EACH,
  PURCHASES,
  RECOVERY_MS,
  SEED,
  SHOPPERS,
  STEPS_MS,
  TOTAL_MS,
} from '../support/crash/size.ts';
import { cli } from '../support/mesh.ts';

describe(`${PURCHASES} purchases while processes die (CRASH_SEED=${SEED})`, function () {
  this.timeout(TOTAL_MS);
  let fleet: Fleet;
  let client: Client;
  let databases: Databases;
  before(async () => {
    fleet = await startFleet();
    client = createClient(fleet.url);
    databases = openDatabases(fleet);
  });
  after(async () => {
    await client?.close();
    await databases?.close();
    await fleet?.stop();
  });

  it('end, each, and agree with the provider, the ledger and the stock to the unit', async () => {
    const random = seeded(SEED);
    const market = await openMarket(client, random.fork(), PURCHASES);
    const shoppers: Shopper[] = [];
    while (shoppers.length < SHOPPERS) shoppers.push(await newShopper(client));
    const { bought, shoppedMs, grown } = await trade(market, shoppers, random);
    const recoveryMs = await recovered(databases, fleet.sandbox.databaseFile, RECOVERY_MS);
    const recoveredTime = performance.now();
    const { all, reached } = fleet.steps();
    assert.deepEqual([...reached].sort(), [...all].sort());
    assert.deepEqual(await audit(databases, await readProvider(fleet), market), []);
    assert.deepEqual(await verifyLedger(), []);
    const counts = await Promise.all(shoppers.map((shopper) => shopper.countPurchases()));
    assert.equal(
      counts.reduce((sum, count) => sum + count),
      bought,
    );
    assert.deepEqual([...client.oddities, ...fleet.failures(), ...grown], []);
    console.log(
      `      ${bought} purchases in ${seconds(shoppedMs)}; processes killed: ${JSON.stringify(fleet.deaths())}, one at each of ` +
        `${reached.length} steps; ${client.repeats} requests repeated; recovered after ${seconds(recoveryMs)}; ` +
        `all of it agrees, seen within ${seconds(performance.now() - recoveredTime)}`,
    );
  });

  /** Has people buy and pay while processes die. */
  async function trade(market: Market, shoppers: readonly Shopper[], random: Random) {
    const began = performance.now();
    let bought = 0;
    const killer = killAtRandom(fleet.mortals, random.fork(), BETWEEN_KILLS_MS, () => bought);
    const where = () => `${bought} purchases, ${client.repeats} requests repeated, killed: ${deathsOf(fleet)}`;
    const progress = startProgress({ where, pids: fleet.pids });
    let grown: string[] = [];
    try {
      await Promise.all([
        shop(shoppers, market, random.fork(), () => ++bought),
        ...Array.from({ length: PAYERS }, () => pay(client, market, databases, random.fork(), PAYMENTS_EACH)),
      ]);
    } catch (error) {
      console.log(`      not ended by ${new Date().toISOString()}:\n${await unfinished(databases)}`);
      throw error;
    } finally {
      grown = progress.stop();
      await killer.stop();
    }
    return { bought, shoppedMs: performance.now() - began, grown };
  }

  /** Buys until there are enough purchases, and a process died at every step. @param count counts them, from one. */
  async function shop(shoppers: readonly Shopper[], market: Market, random: Random, count: () => number) {
    let enough = PURCHASES === 0;
    let end = Number.POSITIVE_INFINITY;
    const goesOn = () => {
      if (!enough) return true;
      end = Math.min(end, Date.now() + STEPS_MS);
      const { all, reached } = fleet.steps();
      return reached.length < all.length && Date.now() < end;
    };
    await Promise.all(
      shoppers.map(async (shopper) => {
        while (goesOn()) if (await shopper.buy(newPlan(market, random))) enough = count() >= PURCHASES;
      }),
    );
  }

  async function verifyLedger(): Promise<unknown> {
    const run = promisify(execFile);
    const grant = (email: string) => run(cli, ['job', 'svc-users', 'grant', '--unverified', email, 'ledger:verify']);
    const { token } = await newPerson(client, grant);
    return (await client.must('POST', '/v1/transactions/ledger:verify', { token, body: {} })).faults ?? [];
  }
});

function deathsOf(fleet: Fleet): number {
  return Object.values(fleet.deaths()).reduce((sum, deaths) => sum + deaths, 0);
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1_000).toFixed(1)} s`;
}
