import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import { fillCatalogue } from '../support/attack/catalogue.ts';
import { type Holding, observe, readHoldings } from '../support/attack/observer.ts';
import type { Target } from '../support/attack/target.ts';
import { newCustomer } from '../support/customer.ts';
import { call, registerSomebody } from '../support/http.ts';
import { ca, url } from '../support/mesh.ts';
import { lamp, ok, openStore } from '../support/shop.ts';

const KINDS = ['watchers', 'imports', 'handshakes', 'deaf', 'searches', 'bodies'];
const ATTACK_MS = Number(process.env.ATTACK_SECONDS ?? 15) * 1_000;
const PRODUCTS = Number(process.env.ATTACK_PRODUCTS ?? 80_000);
const BOUGHT_WITHIN_MS = 1_000;
const BUY_EVERY_MS = 500;
const WARM_UP = 20;
const GROWTH_MAX_MB = 200;
const BACK_WITHIN_MS = 30_000;
/** Connections that pools keep once they have had use for them. */
const POOLED = 40;

/** A customer at another address. */
const elsewhere = new Agent({ connect: { ca, localAddress: '127.0.0.2', family: 4 } });

describe('while one address attacks, somebody else', function () {
  this.timeout(ATTACK_MS + 120_000);
  let [target, variantId, token] = [undefined as Target | undefined, '', ''];

  before(async function () {
    this.timeout(1_800_000);
    const shop = await openStore();
    variantId = await sellMany(shop);
    token = await newCustomer('tok_success');
    const { accessToken: strangerToken } = await registerSomebody();
    const owner = await openStore();
    target = {
      port: Number(new URL(url).port),
      ca: ca.toString(),
      ownerToken: owner.token,
      storeId: owner.storeId,
      strangerToken,
    };
    await fillCatalogue(PRODUCTS);
    const took: number[] = [];
    for (let bought = 0; bought < WARM_UP; bought += 1) took.push(await buyOne());
    console.log(`    in peace: median ${medianOf(took)} ms, longest ${Math.round(Math.max(...took))} ms`);
  });

  for (const kinds of [...KINDS.map((kind) => [kind]), KINDS])
    it(`buys in under a second, and nothing grows, ends or leaks: ${kinds.join(' and ')}`, async () => {
      const before = readHoldings();
      const attacker = fork(join(import.meta.dirname, '../support/attack/attacker.ts'), kinds);
      await once(attacker, 'message');
      attacker.send(target as Target);
      const ended = observe();
      const took: number[] = [];
      const failed: string[] = [];
      const end = performance.now() + ATTACK_MS;
      while (performance.now() < end) {
        const start = performance.now();
        await buyOne().catch(({ message }) => failed.push(String(message)));
        took.push(performance.now() - start);
        await sleep(BUY_EVERY_MS);
      }
      attacker.send('stop');
      const [counts] = await once(attacker, 'message');
      const peaks = ended();
      const report = inWords(kinds, { took, before, peaks, counts });
      console.log(`      ${report}`);
      const problems = [...failed, ...growthOf(before, peaks), ...(await descriptorsLeft(before))];
      if (Math.max(...took) >= BOUGHT_WITHIN_MS) problems.push('a purchase took a second or more');
      assert.deepEqual(problems, [], report);
    });

  async function sellMany({ token: owner, storeId }: { token: string; storeId: string }): Promise<string> {
    const { variants, ...rest } = lamp('Lamp');
    const body = { ...rest, variants: variants.map((variant) => ({ ...variant, initialStock: 100_000 })) };
    const product = ok(await call('POST', `/v1/stores/${storeId}/products`, { token: owner, body }));
    ok(await call('POST', `/v1/stores/products/${product.productId}:publish`, { token: owner, body: {} }));
    return (product.variants as { variantId: string }[])[0]?.variantId ?? '';
  }

  /** @returns how long it took, in milliseconds */
  async function buyOne(): Promise<number> {
    const start = performance.now();
    const headers = { 'idempotency-key': randomUUID() };
    const body = { lines: [{ variantId, quantity: 1 }] };
    const answer = await call('POST', '/v1/transactions/purchases', { token, headers, body, dispatcher: elsewhere });
    assert.equal(ok(answer).state, 'PURCHASE_STATE_CAPTURED');
    return performance.now() - start;
  }
});

function growthOf(before: ReadonlyMap<string, Holding>, peaks: ReadonlyMap<string, number>): string[] {
  const now = readHoldings();
  return [...before].flatMap(([name, { pid, memoryMb }]) => {
    if (now.get(name)?.pid !== pid) return [`${name} ended or was started again`];
    return (peaks.get(name) ?? 0) - memoryMb > GROWTH_MAX_MB ? [`${name} has grown from ${memoryMb} MB`] : [];
  });
}

/** Waits until every process has its descriptors back. @returns which have not after 30 s */
async function descriptorsLeft(before: ReadonlyMap<string, Holding>): Promise<string[]> {
  const end = performance.now() + BACK_WITHIN_MS;
  const leaking = () =>
    [...readHoldings()].flatMap(([name, { descriptors }]) => {
      const had = before.get(name)?.descriptors ?? 0;
      return descriptors > had + POOLED ? [`${name} has ${descriptors} descriptors, and had ${had}`] : [];
    });
  while (leaking().length > 0 && performance.now() < end) await sleep(BUY_EVERY_MS);
  return leaking();
}

interface Seen {
  readonly took: readonly number[];
  readonly before: ReadonlyMap<string, Holding>;
  readonly peaks: ReadonlyMap<string, number>;
  readonly counts: unknown;
}

function inWords(kinds: readonly string[], { took, before, peaks, counts }: Seen): string {
  const growth = [...before]
    .map(([name, { memoryMb }]) => `${name} +${(peaks.get(name) ?? 0) - memoryMb} MB`)
    .join(', ');
  return `${kinds.join('+')}: ${took.length} purchases, median ${medianOf(took)} ms, longest ${Math.round(Math.max(...took))} ms; ${growth}; ${JSON.stringify(counts)}`;
}

function medianOf(took: readonly number[]): number {
  const sorted = took.toSorted((one, other) => one - other);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}
