import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Metadata, status } from '@grpc/grpc-js';
import { openChannel } from '@malla/chassis/channel';
import { createClient } from '@malla/chassis/client';
import { isServiceError } from '@malla/chassis/status';
import { mallaContract } from '@malla/proto/contract';
import { CategoriesServiceService } from '@malla/proto/malla/stores/v1/categories_service';
import { Store } from '@malla/proto/malla/stores/v1/store';
import { StoresServiceService } from '@malla/proto/malla/stores/v1/stores_service';
import { newId } from '../src/domain/ids.ts';
import { type ImportIds, syntheticRows } from './load/synthetic.ts';
import { uploadRows } from './upload.ts';

/**
 * Fills the catalogue of a running svc-stores through ImportProducts, and says how fast that was:
 *
 *     node scripts/load.ts --target dns:///127.0.0.1:50053 --products 100000 --stores 10 --streams 2
 *
 * Needs a mesh certificate (`TLS_CA_FILE`, `TLS_CERT_FILE`, `TLS_KEY_FILE`) and a user's token (`ACCESS_TOKEN`), whose stores
 * they become. Prints one line of JSON. A token that runs out ends it: `ACCESS_TOKEN_FILE` is read again for each call.
 */
const { values } = parseArgs({
  options: {
    target: { type: 'string', default: 'dns:///127.0.0.1:50053' },
    products: { type: 'string', default: '1000' },
    stores: { type: 'string', default: '1' },
    streams: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
  },
});
const CATEGORIES = 30;
const ROWS_PER_CALL = 10_000;
/** A call that breaks off, as when a connection has reached its age, is made again and goes on where it was. */
const TRIES = 5;
const RETRY_MS = 1_000;
/** The connection was lost; the call that broke off is still at work. */
const BROKEN_OFF = new Set([status.UNAVAILABLE, status.ABORTED]);

const file = (name: string) => readFileSync(process.env[name] ?? '');
const contract = mallaContract();
const channel = openChannel({
  contract,
  service: 'svc-stores',
  target: values.target,
  tls: { ca: file('TLS_CA_FILE'), cert: file('TLS_CERT_FILE'), key: file('TLS_KEY_FILE') },
});
const stores = createClient(channel, StoresServiceService, contract);
const categories = createClient(channel, CategoriesServiceService, contract);
const { ACCESS_TOKEN, ACCESS_TOKEN_FILE } = process.env;

const [products, storeCount, streams, seed] = ['products', 'stores', 'streams', 'seed'].map((name) =>
  Number(values[name as keyof typeof values]),
) as [number, number, number, number];
const waiting = Array.from({ length: storeCount }, (_, at) => at);
const storeIds: string[] = [];
const startedMs = performance.now();
await Promise.all(Array.from({ length: streams }, fillStores));
const seconds = (performance.now() - startedMs) / 1_000;
console.log(JSON.stringify({ products, seconds, productsPerSecond: Math.round(products / seconds), storeIds }));
channel.close();

/** Fills one store after another, until none is left. */
async function fillStores(): Promise<void> {
  for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
    const slug = `load-${seed}-${at}-${Date.now().toString(36)}`;
    const store = Store.create({ slug, name: `Load ${at}`, currencyCode: 'EUR', countryCode: 'ES' });
    const storeId = (await stores.createStore({ store }, asOwner())).store?.storeId ?? '';
    storeIds.push(storeId);
    await fill(storeId, await makeCategories(storeId), seed * 1_000_000 + at * 1_000);
  }
}

async function fill(storeId: string, categoryIds: readonly string[], firstSeed: number): Promise<void> {
  let left = Math.floor(products / storeCount);
  for (let part = 0; left > 0; part += 1) {
    const count = Math.min(left, ROWS_PER_CALL);
    await importPart({ storeId, importId: newId.import() }, categoryIds, { count, seed: firstSeed + part });
    left -= count;
  }
}

async function importPart(ids: ImportIds, categoryIds: readonly string[], part: { count: number; seed: number }) {
  for (let tries = 1; ; tries += 1) {
    try {
      const { import: done } = await uploadRows(channel, syntheticRows(ids, categoryIds, part), asOwner());
      if (done?.failedCount !== 0) throw new Error(`${done?.failedCount} rows failed`);
      return;
    } catch (error) {
      if (!isServiceError(error) || !BROKEN_OFF.has(error.code) || tries === TRIES) throw error;
      await sleep(RETRY_MS);
    }
  }
}

function asOwner(): { metadata: Metadata } {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${ACCESS_TOKEN_FILE ? file('ACCESS_TOKEN_FILE') : ACCESS_TOKEN}`);
  return { metadata };
}

async function makeCategories(storeId: string): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < CATEGORIES; at += 1) {
    const parentId = at < 5 ? '' : (ids[at % 5] ?? '');
    const category = { categoryId: '', parentId, name: `Category ${at}`, position: 0, depth: 0 };
    ids.push((await categories.createCategory({ storeId, category }, asOwner())).category?.categoryId ?? '');
  }
  return ids;
}
