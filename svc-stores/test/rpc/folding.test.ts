import assert from 'node:assert/strict';
import { SearchProductsRequest } from '@malla/proto/malla/stores/v1/search';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newProduct, openShop, publish, type Shop } from '../support/shop.ts';

/** Texts that differ in case or width alone. */
const ALIKE = [
  ['STRASSE', 'straße'],
  ['ΟΔΟΣ', 'οδος'],
  ['ＭＵＧ', 'mug'],
  ['IŞIK', 'ışık'],
] as const;

describe('texts that are one but for their case', () => {
  let service: TestService;
  let shop: Shop;
  before(async () => {
    service = await startTestService();
  });
  beforeEach(async () => {
    shop = await openShop(service);
  });
  after(() => service.stop());

  const found = async (request: Partial<SearchProductsRequest>) => {
    const all = SearchProductsRequest.create({ storeId: shop.storeId, ...request });
    return (await service.edge.catalog.searchProducts(all)).items.map(({ productId }) => productId);
  };

  for (const [one, other] of ALIKE) {
    it(`${one} and ${other} are one name of a category, one tag and one attribute`, async () => {
      const create = (name: string) => {
        const category = { categoryId: '', parentId: '', name, position: 0, depth: 0 };
        return service.edge.categories.createCategory({ storeId: shop.storeId, category }, shop.owner);
      };
      await create(one);
      await rejectsWith(create(other), 'ALREADY_EXISTS', 'CATEGORY_NAME_TAKEN');
      const attributes = [{ name: one, value: other }];
      const { productId, tags } = await publish(service, shop, newProduct({ tags: [one, other], attributes }));
      assert.equal(tags.length, 1);
      for (const text of [one, other]) {
        assert.deepEqual(await found({ tags: [text] }), [productId], `tag ${text}`);
        assert.deepEqual(await found({ attributes: [`${text}=${one}`] }), [productId], `attribute ${text}`);
        assert.deepEqual(await found({ query: text }), [productId], `text ${text}`);
      }
      const twice = newProduct({ attributes: [...attributes, { name: other, value: 'x' }] });
      const said = await rejectsWith(publish(service, shop, twice), 'INVALID_ARGUMENT', 'PRODUCT_INVALID');
      assert.equal(said.fields[0]?.field, 'product.attributes[1].name');
    });
  }
});
