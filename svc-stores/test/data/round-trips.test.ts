import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { SearchOrder } from '@malla/proto/malla/stores/v1/catalog';
import { ProductState } from '@malla/proto/malla/stores/v1/product';
import { SearchProductsRequest } from '@malla/proto/malla/stores/v1/search';
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newProduct, newVariant, openShop, publish, type Shop } from '../support/shop.ts';

describe('round trips to the database', () => {
  let proxy: DatabaseProxy;
  let service: TestService;
  let shop: Shop;
  let productId: string;
  let variantId: string;
  before(async () => {
    service = await startTestService({
      behind: async (url) => {
        proxy = await startDatabaseProxy(url);
        return proxy.url;
      },
      workers: false,
    });
    shop = await openShop(service);
    for (let at = 0; at < 5; at += 1) {
      const product = await publish(
        service,
        shop,
        newProduct({ tags: ['a'], variants: [newVariant({ initialStock: 1 })] }),
      );
      productId = product.productId;
      variantId = product.variants[0]?.variantId ?? '';
    }
  });
  after(async () => {
    await service.stop();
    await proxy.close();
  });

  const page = { pageSize: 3, pageToken: '' };
  const search = (fields: Partial<SearchProductsRequest>) =>
    service.edge.catalog.searchProducts(SearchProductsRequest.create({ pageSize: 3, ...fields }));
  /** Nothing is remembered of it. */
  const newWord = () => `thing ${randomUUID()}`;
  const reads: Record<string, [most: number, read: () => Promise<unknown>]> = {
    GetStore: [1, () => service.edge.stores.getStore({ name: { $case: 'storeId', value: shop.storeId } })],
    ListStores: [1, () => service.edge.stores.listStores(page)],
    ListMyStores: [1, () => service.edge.staff.listMyStores(page, shop.owner)],
    GetStaff: [2, () => service.edge.staff.getStaff({ storeId: shop.storeId }, shop.owner)],
    GetCategoryTree: [1, () => service.edge.categories.getCategoryTree({ storeId: shop.storeId })],
    GetProduct: [2, () => service.edge.catalog.getProduct({ productId })],
    BatchGetProducts: [2, () => service.edge.catalog.batchGetProducts({ productIds: [productId] })],
    ListProducts: [2, () => service.edge.catalog.listProducts({ storeId: shop.storeId, ...page })],
    GetManagedProduct: [2, () => service.edge.products.getManagedProduct({ productId }, shop.owner)],
    ListManagedProducts: [
      2,
      () =>
        service.edge.products.listManagedProducts(
          { storeId: shop.storeId, state: ProductState.UNSPECIFIED, ...page },
          shop.owner,
        ),
    ],
    SearchProducts: [1, () => search({ tags: ['a'], inStock: true })],
    'SearchProducts with a text': [1, () => search({ query: 'thing' })],
    'SearchProducts with facets': [1, () => search({ query: 'thing', facets: true })],
    'SearchProducts for the first time': [2, () => search({ query: newWord(), tags: ['a'], facets: true })],
    'SearchProducts by price in the store’s currency, with facets': [
      2,
      () => search({ storeId: shop.storeId, query: newWord(), order: SearchOrder.PRICE_UP, facets: true }),
    ],
    'SearchProducts by price': [2, () => search({ storeId: shop.storeId, order: SearchOrder.PRICE_UP })],
    BatchGetStock: [1, () => service.edge.stock.batchGetStock({ variantIds: [variantId] }, shop.owner)],
    ListStockEntries: [1, () => service.edge.stock.listStockEntries({ variantId, ...page }, shop.owner)],
    QuoteBasket: [
      1,
      () => service.transactions.reservations.quoteBasket({ lines: [{ variantId, quantity: 1 }], currencyCode: '' }),
    ],
  };
  for (const [name, [most, read]] of Object.entries(reads)) {
    it(`${name} takes ${most === 1 ? 'one' : 'two'}`, async () => {
      await read();
      const before = proxy.commands();
      await read();
      assert.equal(proxy.commands() - before, most);
    });
  }
});
