import { randomUUID } from 'node:crypto';
import type { Client } from './client.ts';
import type { Random } from './random.ts';

/** Tokens are good for 15 minutes. */
const RENEW_MS = 600_000;
const PASSWORD = 'correct horse battery staple';
const STORES = 3;
const PRODUCTS = 4;
const VARIANTS = 3;
const TAX_CLASSES = ['standard', 'reduced'];

/** Somebody who is logged in. */
export interface Person {
  /** Tells an access token, and logs in again when the last one is getting old. */
  readonly token: () => Promise<string>;
}

/** A store with things on its shelves, some of which many will want and few will get. */
export interface Store {
  readonly storeId: string;
  readonly owner: Person;
  readonly variantIds: readonly string[];
}

export interface Market {
  readonly stores: readonly Store[];
  /** What was on the shelves at first, by variant. */
  readonly stocked: ReadonlyMap<string, number>;
}

/** Registers somebody new. @param grant is called with the address before they log in. */
export async function newPerson(client: Client, grant?: (email: string) => Promise<unknown>): Promise<Person> {
  const credentials = { email: `${randomUUID()}@example.com`, password: PASSWORD };
  const body = { ...credentials, display_name: 'Ada' };
  const registered = await client.ask('POST', '/v1/users/register', { body });
  // An account whose first answer was lost is there when it is asked for again.
  if (registered.status >= 300 && registered.reason !== 'EMAIL_TAKEN') throw new Error(`refused: ${registered.reason}`);
  await grant?.(credentials.email);
  const logIn = () => client.must('POST', '/v1/users/login', { body: credentials });
  let current = Promise.resolve(registered.status < 300 && !grant ? registered.body : await logIn());
  let renewTime = Date.now() + RENEW_MS;
  return {
    token: async () => {
      if (Date.now() > renewTime) {
        renewTime = Date.now() + RENEW_MS;
        current = logIn();
      }
      return String((await current).access_token);
    },
  };
}

/** Opens stores with enough for some of `purchases`, and not for all. */
export async function openMarket(client: Client, random: Random, purchases: number): Promise<Market> {
  const stocked = new Map<string, number>();
  const stores: Store[] = [];
  for (let at = 0; at < STORES; at += 1) {
    const owner = await newPerson(client);
    const slug = `crash-${randomUUID().slice(0, 8)}`;
    const body = { slug, name: 'Hats and more', currencyCode: 'EUR', countryCode: 'ES' };
    const storeId = String((await client.must('POST', '/v1/stores', { token: owner.token, body })).storeId);
    const variantIds: string[] = [];
    for (let product = 0; product < PRODUCTS; product += 1) {
      for (const { variantId, initialStock } of await publish(client, owner, storeId, random, purchases)) {
        stocked.set(variantId, initialStock);
        variantIds.push(variantId);
      }
    }
    stores.push({ storeId, owner, variantIds });
  }
  return { stores, stocked };
}

async function publish(client: Client, { token }: Person, storeId: string, random: Random, purchases: number) {
  const share = Math.ceil(purchases / (STORES * PRODUCTS * VARIANTS));
  const variants = Array.from({ length: VARIANTS }, (_, at) => ({
    sku: randomUUID(),
    optionValues: [`${at}`],
    prices: [{ amount: { currencyCode: 'EUR', amountMinor: `${100 + random.int(20_000)}` } }],
    // Every third is scarce.
    initialStock: at === 0 ? 1 + random.int(share) : share * 12,
  }));
  const product = { name: 'Hat', options: ['Size'], taxClass: random.pick(TAX_CLASSES), variants };
  const made = await client.must('POST', `/v1/stores/${storeId}/products`, { token, body: product });
  await client.must('POST', `/v1/stores/products/${made.productId}:publish`, { token, body: {} });
  return (made.variants as { variantId: string }[]).map(({ variantId }, at) => ({
    variantId,
    initialStock: variants[at]?.initialStock ?? 0,
  }));
}
