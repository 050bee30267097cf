import assert from 'node:assert/strict';
import { ProductState } from '@malla/proto/malla/stores/v1/product';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newProduct, openShop, publish, type Shop } from '../support/shop.ts';

describe('CatalogService/ListProducts, BatchGetProducts and ProductsService/ListManagedProducts', () => {
  let service: TestService;
  let shop: Shop;
  before(async () => {
    service = await startTestService();
  });
  beforeEach(async () => {
    shop = await openShop(service);
  });
  after(() => service.stop());

  const list = (pageSize: number, pageToken = '', storeId = shop.storeId) =>
    service.edge.catalog.listProducts({ storeId, pageSize, pageToken });
  const manage = (state: ProductState, who = shop.owner) =>
    service.edge.products.listManagedProducts({ storeId: shop.storeId, state, pageSize: 0, pageToken: '' }, who);

  it('lists published products, newest first, each once', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 5; at += 1) ids.push((await publish(service, shop, newProduct())).productId);
    await service.edge.products.createProduct({ storeId: shop.storeId, product: newProduct() }, shop.owner);
    const first = await list(3);
    await publish(service, shop, newProduct());
    const second = await list(3, first.nextPageToken);
    const seen = [...first.products, ...second.products].map(({ productId }) => productId);
    assert.deepEqual(seen, ids.toReversed());
    assert.equal(second.nextPageToken, '');
    assert.ok(first.products.every(({ variants }) => variants.length === 1));
  });

  it('lists nothing of a closed store and nothing of a store without products, and answers NOT_FOUND for none', async () => {
    assert.deepEqual(await list(0), { products: [], nextPageToken: '' });
    await publish(service, shop, newProduct());
    await service.edge.stores.closeStore({ storeId: shop.storeId }, shop.owner);
    assert.deepEqual(await list(0), { products: [], nextPageToken: '' });
    await rejectsWith(list(0, '', 'store_01h2xcejqtf2nbrexx3vqjhp41'), 'NOT_FOUND', 'STORE_NOT_FOUND');
  });

  it('cuts a page of large products where an answer is full, and goes on after it', async () => {
    const description = '\u{1f9f5}'.repeat(10_000);
    const images = Array.from({ length: 15 }, (_, at) => ({
      url: `https://x.test/${'a'.repeat(2_000)}${at}`,
      altText: '',
    }));
    const ids: string[] = [];
    for (let at = 0; at < 70; at += 1) {
      ids.push((await publish(service, shop, newProduct({ description, images }))).productId);
    }
    const pagesOf = async (next: (pageToken: string) => ReturnType<typeof list>) => {
      const pages: string[][] = [];
      let pageToken = '';
      do {
        const page = await next(pageToken);
        pages.push(page.products.map(({ productId }) => productId));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      return pages;
    };
    const { storeId, owner } = shop;
    const managed = { storeId, state: ProductState.UNSPECIFIED, pageSize: 100 };
    for (const pages of [
      await pagesOf((pageToken) => list(100, pageToken)),
      await pagesOf((pageToken) => service.edge.products.listManagedProducts({ ...managed, pageToken }, owner)),
    ]) {
      assert.equal(pages.length, 2);
      assert.deepEqual(pages.flat(), ids.toReversed());
    }
    const { products, leftOutProductIds } = await service.edge.catalog.batchGetProducts({ productIds: ids });
    assert.ok(leftOutProductIds.length > 0);
    assert.deepEqual([...products.map(({ productId }) => productId), ...leftOutProductIds], ids);
    const rest = await service.edge.catalog.batchGetProducts({ productIds: leftOutProductIds });
    assert.deepEqual([rest.products.length, rest.leftOutProductIds], [leftOutProductIds.length, []]);
  });

  it('refuses the page token of another store', async () => {
    for (let at = 0; at < 2; at += 1) await publish(service, shop, newProduct());
    const { nextPageToken } = await list(1);
    const other = await openShop(service);
    await rejectsWith(list(1, nextPageToken, other.storeId), 'INVALID_ARGUMENT', 'PAGE_TOKEN_INVALID');
  });

  it('shows the staff products in every state, or in one', async () => {
    await publish(service, shop, newProduct({ name: 'published' }));
    await service.edge.products.createProduct(
      { storeId: shop.storeId, product: newProduct({ name: 'draft' }) },
      shop.owner,
    );
    const { productId } = await publish(service, shop, newProduct({ name: 'archived' }));
    await service.edge.products.archiveProduct({ productId }, shop.owner);
    const names = async (state: ProductState) => (await manage(state)).products.map(({ name }) => name);
    assert.deepEqual(await names(ProductState.UNSPECIFIED), ['archived', 'draft', 'published']);
    assert.deepEqual(await names(ProductState.DRAFT), ['draft']);
    await rejectsWith(manage(ProductState.DRAFT, as(await service.users.token())), 'PERMISSION_DENIED', 'ROLE_MISSING');
  });

  it('gets several products in the order of the ids, without those that are not there', async () => {
    const first = await publish(service, shop, newProduct());
    const second = await publish(service, shop, newProduct());
    const productIds = [second.productId, 'prod_01h2xcejqtf2nbrexx3vqjhp41', first.productId];
    const { products } = await service.edge.catalog.batchGetProducts({ productIds });
    assert.deepEqual(products, [second, first]);
  });
});
