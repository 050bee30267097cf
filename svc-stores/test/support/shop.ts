import { randomBytes } from 'node:crypto';
import { ImportProductsRequest } from '@malla/proto/malla/stores/v1/imports_service';
import { Product as ProductMessage } from '@malla/proto/malla/stores/v1/product';
import { Store as StoreMessage } from '@malla/proto/malla/stores/v1/store';
import { Variant as VariantMessage } from '@malla/proto/malla/stores/v1/variant';
import { typeid } from 'typeid-js';
import { openOrm } from '../../src/data/orm.ts';
import { findStockFaults, type StockFault } from '../../src/data/stock-check.ts';
import { as } from './clients.ts';
import type { TestService } from './service.ts';
import { newUserId } from './users.ts';

/** A store with an owner who is logged in. */
export interface Shop {
  readonly storeId: string;
  readonly slug: string;
  readonly ownerId: string;
  /** Call options of the owner. */
  readonly owner: ReturnType<typeof as>;
}

export async function openShop({ edge, users }: TestService, fields: Partial<StoreMessage> = {}): Promise<Shop> {
  const ownerId = newUserId();
  const owner = as(await users.token(ownerId));
  const { store } = await edge.stores.createStore({ store: newStore(fields) }, owner);
  return { storeId: store?.storeId ?? '', slug: store?.slug ?? '', ownerId, owner };
}

export function newStore(fields: Partial<StoreMessage> = {}): StoreMessage {
  const slug = `shop-${randomBytes(6).toString('hex')}`;
  return StoreMessage.create({ slug, name: 'Shop', currencyCode: 'EUR', countryCode: 'ES', ...fields });
}

let skus = 0;

/** A variant of a new SKU that costs 10.00 EUR. */
export function newVariant(fields: Partial<VariantMessage> = {}, amountMinor = 1_000n): VariantMessage {
  skus += 1;
  const prices = [{ amount: { currencyCode: 'EUR', amountMinor } }];
  return VariantMessage.create({ sku: `SKU-${skus}`, prices, ...fields });
}

export function newProduct(fields: Partial<ProductMessage> = {}): ProductMessage {
  return ProductMessage.create({ name: 'Thing', variants: [newVariant()], ...fields });
}

/** A row of an import. */
export function importRow({ storeId }: Shop, product: ProductMessage, publish: boolean): ImportProductsRequest {
  return ImportProductsRequest.create({ storeId, product, publish });
}

/** Creates a product and publishes it. */
export async function publish({ edge }: TestService, shop: Shop, product: ProductMessage): Promise<ProductMessage> {
  const created = await edge.products.createProduct({ storeId: shop.storeId, product }, shop.owner);
  const productId = created.product?.productId ?? '';
  const published = await edge.products.publishProduct({ productId }, shop.owner);
  return published.product ?? ProductMessage.create();
}

export function newReservationId(): string {
  return typeid('res').toString();
}

/** Publishes a product with variants that have these many on hand. @returns their ids. */
export async function stockVariants(service: TestService, shop: Shop, ...onHand: number[]): Promise<string[]> {
  const variants = onHand.map((initialStock, at) => newVariant({ optionValues: [`${at}`], initialStock }));
  const product = await publish(service, shop, newProduct({ options: ['Number'], variants }));
  return product.variants.map(({ variantId }) => variantId);
}

/** What is on hand, reserved and sold of variants, as the staff sees it. */
export async function stockOf({ edge }: TestService, shop: Shop, variantIds: string[]) {
  const { stock } = await edge.stock.batchGetStock({ variantIds }, shop.owner);
  return stock.map(({ onHand, reserved, available, sold }) => [onHand, reserved, available, Number(sold)]);
}

/** Where stock and its log disagree. */
export async function stockFaults({ databaseUrl }: TestService): Promise<StockFault[]> {
  const orm = openOrm(databaseUrl);
  try {
    return await findStockFaults(orm);
  } finally {
    await orm.close();
  }
}
