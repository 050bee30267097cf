import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type Answer, call, registerSomebody } from './http.ts';

/** A store of somebody new. */
export interface Shop {
  /** Of its owner. */
  readonly token: string;
  readonly storeId: string;
}

/** A product, as far as tests look at it. Amounts are in minor units. */
export interface Product {
  readonly productId: string;
  readonly state: string;
  readonly variants: readonly { readonly variantId: string; readonly inStock: boolean }[];
}

export async function openStore(): Promise<Shop> {
  const { accessToken: token } = await registerSomebody();
  const slug = `e2e-${randomUUID().slice(0, 8)}`;
  const body = { slug, name: 'Lamps and more', currencyCode: 'EUR', countryCode: 'ES' };
  const store = ok(await call('POST', '/v1/stores', { token, body }));
  return { token, storeId: String(store.storeId) };
}

/** A lamp for 129.00 EUR, of which there are three. */
export function lamp(name: string) {
  const price = { amount: { currencyCode: 'EUR', amountMinor: '12900' } };
  return { name, tags: ['e2e'], variants: [{ sku: randomUUID(), prices: [price], initialStock: 3 }] };
}

export async function createLamp({ token, storeId }: Shop, name: string): Promise<Product> {
  const body = lamp(name);
  return ok(await call('POST', `/v1/stores/${storeId}/products`, { token, body })) as unknown as Product;
}

/** Puts a new lamp up for sale. @returns its product and its variant. */
export async function sellLamp(shop: Shop): Promise<{ productId: string; variantId: string }> {
  const { productId, variants } = await createLamp(shop, `Lamp ${randomUUID()}`);
  ok(await call('POST', `/v1/stores/products/${productId}:publish`, { token: shop.token, body: {} }));
  return { productId, variantId: String(variants[0]?.variantId) };
}

/** The body of an answer that has to be good. */
export function ok({ status, body }: Answer): Answer['body'] {
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}
