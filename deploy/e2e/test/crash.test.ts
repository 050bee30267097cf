import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import { audit } from '../support/crash/audit.ts';
import { type Client, createClient } from '../support/crash/client.ts';
import { type Databases, openDatabases } from '../support/crash/databases.ts';
import { type Fleet, startFleet } from '../support/crash/fleet.ts';
import { killAtRandom } from '../support/crash/killer.ts';
import { type Market, newPerson, openMarket } from '../support/crash/market.ts';
import { pay } from '../support/crash/payer.ts';
import { newPlan } from '../support/crash/plan.ts';
import { readProvider } from '../support/crash/provider.ts';
import { type Random, seeded } from '../support/crash/random.ts';
import { recovered } from '../support/crash/recovery.ts';
import { newShopper, type Shopper } from '../support/crash/shopper.ts';
import { cli } from '../support/mesh.ts';

const PURCHASES = Number(process.env.CRASH_PURCHASES ?? 300);
const SEED = Number(process.env.CRASH_SEED ?? randomInt(2 ** 31));
const SHOPPERS = 16;
const PAYERS = 3;
const PAYMENTS_EACH = 5;
const BETWEEN_KILLS_MS = 8_000;
const RECOVERY_MS = 60_000;
const STEPS_MS = 60_000;

describe(`${PURCHASES} purchases while processes die (CRASH_SEED=${SEED})`, function () {
  this.timeout(120_000 + PURCHASES * 400);
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
    const shoppers = await Promise.all(Array.from({ length: SHOPPERS }, () => newShopper(client)));
    const began = performance.now();
    const killer = killAtRandom(fleet.mortals, random.fork(), BETWEEN_KILLS_MS);
    let [bought, killed] = [0, 0];
    try {
      [bought] = await Promise.all([
        shop(shoppers, market, random.fork()),
        ...Array.from({ length: PAYERS }, () => pay(client, market, databases, random.fork(), PAYMENTS_EACH)),
      ]);
    } finally {
      killed = await killer.stop();
    }
    const shoppedMs = performance.now() - began;
    const recoveryMs = await recovered(databases, fleet.sandbox.databaseFile, RECOVERY_MS);
    const { all, reached } = fleet.steps();
    console.log(
      `      ${bought} purchases in ${(shoppedMs / 1_000).toFixed(0)} s, ${killed} processes killed at random and ` +
        `${reached.length} at named steps (${JSON.stringify(fleet.deaths())}), ${client.repeats} requests repeated, ` +
        `recovered after ${(recoveryMs / 1_000).toFixed(1)} s`,
    );
    assert.deepEqual([...reached].sort(), [...all].sort());
    assert.deepEqual(await audit(databases, await readProvider(fleet), market), []);
    assert.deepEqual(await verifyLedger(), []);
    const counts = await Promise.all(shoppers.map((shopper) => shopper.countPurchases()));
    assert.equal(
      counts.reduce((sum, count) => sum + count),
      bought,
    );
    assert.deepEqual([...client.oddities, ...fleet.failures()], []);
  });

  /** Buys until there are enough purchases, and a process died at every step. @returns how many were made. */
  async function shop(shoppers: readonly Shopper[], market: Market, random: Random): Promise<number> {
    let made = 0;
    let end = Number.POSITIVE_INFINITY;
    const goesOn = () => {
      if (made < PURCHASES) return true;
      end = Math.min(end, Date.now() + STEPS_MS);
      const { all, reached } = fleet.steps();
      return reached.length < all.length && Date.now() < end;
    };
    await Promise.all(
      shoppers.map(async (shopper) => {
        while (goesOn()) if (await shopper.buy(newPlan(market, random))) made += 1;
      }),
    );
    return made;
  }

  async function verifyLedger(): Promise<unknown> {
    const run = promisify(execFile);
    const grant = (email: string) => run(cli, ['job', 'svc-users', 'grant', '--unverified', email, 'ledger:verify']);
    const { token } = await newPerson(client, grant);
    return (await client.must('POST', '/v1/transactions/ledger:verify', { token, body: {} })).faults ?? [];
  }
});
