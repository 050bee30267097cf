import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Purchase } from '@malla/proto/malla/transactions/v1/purchase';
import type { TestService } from './service.ts';
import { openShop, type Shop } from './shop.ts';

/** A busy machine takes its time; a test that waits for what never comes ends all the same. */
const WITHIN_MS = 60_000;
const POLL_MS = 20;

/** A shop with one variant of 10.00 EUR and 19 % taxes, and a customer who pays by a test method. */
export async function openShelf(service: TestService, token: string, onHand: number, priceMinor = 1_000n) {
  const shop = await openShop(service);
  await service.edge.methods.attachPaymentMethod({ token }, shop.customer());
  return { shop, variantId: service.stores.shelves.put(shop.storeId, onHand, priceMinor) };
}

/** Buys some units of some variants. */
export async function buy(
  { edge }: Pick<TestService, 'edge'>,
  shop: Shop,
  lines: readonly { readonly variantId: string; readonly quantity: number }[],
): Promise<Purchase> {
  const request = { lines: [...lines], currencyCode: '', paymentMethodId: '', expectedTotal: undefined };
  const { purchase } = await edge.purchases.createPurchase(request, shop.customer());
  assert.ok(purchase);
  return purchase;
}

/** Reads a purchase until something holds of it. */
export async function until(
  { edge }: Pick<TestService, 'edge'>,
  shop: Shop,
  purchaseId: string,
  holds: (purchase: Purchase) => boolean,
): Promise<Purchase> {
  const giveUpMs = Date.now() + WITHIN_MS;
  for (;;) {
    const { purchase } = await edge.purchases.getPurchase({ purchaseId }, shop.customer());
    if (purchase && holds(purchase)) return purchase;
    assert.ok(Date.now() < giveUpMs, `the purchase is in state ${purchase?.state}`);
    await sleep(POLL_MS);
  }
}

/** Waits until something holds that is not told by an event. */
export async function eventually(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const giveUpMs = Date.now() + WITHIN_MS;
  while (!(await holds())) {
    assert.ok(Date.now() < giveUpMs, `not yet: ${what}`);
    await sleep(POLL_MS);
  }
}
