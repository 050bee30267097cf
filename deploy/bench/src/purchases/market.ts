import { randomUUID } from 'node:crypto';
import type { Api } from './api.ts';

const STORES = 1_000;
/** A user owns at most a hundred stores. */
const STORES_PER_OWNER = 100;
const VARIANTS_OF_HOT_STORE = 100;
const STOCK = 1_000_000_000;
const AT_ONCE = 16;

/** What there is to buy, and who buys. */
export interface Market {
  /** One variant in each of a thousand stores. */
  readonly everywhere: readonly string[];
  /** A hundred variants in one store. */
  readonly hotStore: readonly string[];
  /** Access tokens of customers who have a payment method. */
  readonly customers: readonly string[];
}

/** Opens the stores, puts up what they sell, and lets customers in. */
export async function openMarket(api: Api, customerCount: number): Promise<Market> {
  const customers = await allOf(customerCount, () => newCustomer(api));
  const owners = await allOf(STORES / STORES_PER_OWNER, () => register(api));
  const owner = (at: number) => owners[at % owners.length] as string;
  const everywhere = await allOf(STORES, async (at) => sell(api, owner(at), await openStore(api, owner(at))));
  const host = await register(api);
  const storeId = await openStore(api, host);
  const hotStore = await allOf(VARIANTS_OF_HOT_STORE, () => sell(api, host, storeId));
  return { everywhere, hotStore, customers };
}

/** Registers somebody. @returns the access token. */
export async function register(api: Api, email = `${randomUUID()}@example.com`): Promise<string> {
  const { access_token } = await api.ok('/v1/users/register', { email, password: email, displayName: 'Bench' });
  return String(access_token);
}

async function newCustomer(api: Api): Promise<string> {
  const token = await register(api);
  await api.ok('/v1/transactions/paymentMethods', { token: 'tok_success' }, token);
  return token;
}

async function openStore(api: Api, token: string): Promise<string> {
  const store = { slug: randomUUID(), name: 'Bench', currencyCode: 'EUR', countryCode: 'ES' };
  return String((await api.ok('/v1/stores', store, token)).storeId);
}

/** Puts something up for sale. @returns its variant's id. */
async function sell(api: Api, token: string, storeId: string): Promise<string> {
  const prices = [{ amount: { currencyCode: 'EUR', amountMinor: '1999' } }];
  const product = { name: 'Bench', variants: [{ sku: randomUUID(), prices, initialStock: STOCK }] };
  const { productId, variants } = await api.ok(`/v1/stores/${storeId}/products`, product, token);
  await api.ok(`/v1/stores/products/${productId}:publish`, {}, token);
  return String((variants as { variantId: string }[])[0]?.variantId);
}

/** Makes `count` things, some at a time. */
async function allOf<Thing>(count: number, make: (at: number) => Promise<Thing>): Promise<Thing[]> {
  const things: Thing[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const at = next;
      next += 1;
      things[at] = await make(at);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return things;
}
