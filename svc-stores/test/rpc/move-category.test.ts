import assert from 'node:assert/strict';
import { SearchProductsRequest } from '@malla/proto/malla/stores/v1/search';
import { writeId } from '../../src/data/columns.ts';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newProduct, openShop, publish, type Shop } from '../support/shop.ts';

describe('CategoriesService', () => {
  let service: TestService;
  let shop: Shop;
  before(async () => {
    service = await startTestService();
  });
  beforeEach(async () => {
    shop = await openShop(service);
  });
  after(() => service.stop());

  const create = async (name: string, parentId = '') => {
    const category = { categoryId: '', parentId, name, position: 0, depth: 0 };
    const made = await service.edge.categories.createCategory({ storeId: shop.storeId, category }, shop.owner);
    return made.category?.categoryId ?? '';
  };
  const move = (categoryId: string, parentId: string, position = 0) =>
    service.edge.categories.moveCategory({ categoryId, parentId, position }, shop.owner);
  const tree = async () => {
    const { categories } = await service.edge.categories.getCategoryTree({ storeId: shop.storeId });
    return categories.map(({ name, depth, position }) => `${'-'.repeat(depth - 1)}${name}${position}`).join(' ');
  };

  it('keeps a tree in its order, and moves what is below along', async () => {
    const a = await create('a');
    const b = await create('b');
    const a1 = await create('a1', a);
    await create('a2', a);
    await create('a11', a1);
    assert.equal(await tree(), 'a0 -a10 --a110 -a21 b1');
    await move(a1, b);
    assert.equal(await tree(), 'a0 -a20 b1 -a10 --a110');
    await move(b, '', 0);
    assert.equal(await tree(), 'b0 -a10 --a110 a1 -a20');
    await move(a1, '', 99);
    assert.equal(await tree(), 'b0 a1 -a20 a12 -a110');
  });

  it('has 1,000 categories when 64 are made at once', async () => {
    const fill = `INSERT INTO categories (category_id, store_id, parent_id, name, position)
      VALUES (UUID_TO_BIN(UUID()), ?, NULL, ?, ?)`;
    for (let made = 0; made < 960; made += 1)
      await service.sql(fill, [writeId('store', shop.storeId), `c${made}`, made]);
    const outcomes = await Promise.allSettled(Array.from({ length: 64 }, (_, index) => create(`new ${index}`)));
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 40);
    await rejectsWith(create('one more'), 'RESOURCE_EXHAUSTED', 'CATEGORIES_TOO_MANY');
  });

  it('closes siblings up when one is deleted', async () => {
    const a = await create('a');
    const b = await create('b');
    await create('c');
    await create('b1', b);
    await service.edge.categories.deleteCategory({ categoryId: a }, shop.owner);
    await create('d');
    assert.equal(await tree(), 'b0 -b10 c1 d2');
    const stored = await service.sql('SELECT position FROM categories WHERE store_id = ? ORDER BY position', [
      writeId('store', shop.storeId),
    ]);
    assert.deepEqual(
      stored,
      [0, 0, 1, 2].map((position) => ({ position })),
    );
  });

  it('gives each a place of its own where two have the same one, and puts a new one last', async () => {
    for (const name of ['a', 'b', 'c']) await create(name);
    await service.sql('UPDATE categories SET position = 2 WHERE store_id = ?', [writeId('store', shop.storeId)]);
    await create('d');
    assert.equal(await tree(), 'a0 b1 c2 d3');
  });

  it('makes no cycle', async () => {
    const a = await create('a');
    const b = await create('b', a);
    const c = await create('c', b);
    for (const parent of [a, b, c]) {
      const said = await rejectsWith(move(a, parent), 'FAILED_PRECONDITION', 'CATEGORY_CYCLE');
      assert.equal(said.fields[0]?.field, 'parent_id');
    }
  });

  it('makes no cycle when two are moved below each other at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const a = await create(`a${round}`);
      const b = await create(`b${round}`);
      const outcomes = await Promise.allSettled([move(a, b), move(b, a)]);
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    }
    assert.equal((await tree()).split(' ').length, 20);
  });

  it('refuses the name of a sibling whatever the case, also by a move and a change of name, ten at once', async () => {
    const a = await create('a');
    const inner = await create('A', a);
    await rejectsWith(create('A'), 'ALREADY_EXISTS', 'CATEGORY_NAME_TAKEN');
    await rejectsWith(move(inner, ''), 'ALREADY_EXISTS', 'CATEGORY_NAME_TAKEN');
    const b = await create('b');
    const rename = service.edge.categories.renameCategory({ categoryId: b, name: 'a' }, shop.owner);
    await rejectsWith(rename, 'ALREADY_EXISTS', 'CATEGORY_NAME_TAKEN');
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => create('same')));
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  it('grows no deeper than eight', async () => {
    let deepest = '';
    for (let depth = 1; depth <= 8; depth += 1) deepest = await create(`d${depth}`, deepest);
    const said = await rejectsWith(create('d9', deepest), 'FAILED_PRECONDITION', 'CATEGORY_TOO_DEEP');
    assert.equal(said.fields[0]?.field, 'category.parent_id');
    const pair = await create('pair');
    await create('child', pair);
    const { categories } = await service.edge.categories.getCategoryTree({ storeId: shop.storeId });
    const seventh = categories.find(({ depth }) => depth === 7)?.categoryId ?? '';
    await rejectsWith(move(pair, seventh), 'FAILED_PRECONDITION', 'CATEGORY_TOO_DEEP');
  });

  it('has products found by the categories above them after a move', async () => {
    const [a, b] = [await create('a'), await create('b')];
    const inner = await create('inner', a);
    const { productId } = await publish(service, shop, newProduct({ categoryId: inner }));
    const found = async (categoryId: string) => {
      const request = SearchProductsRequest.create({ categoryId });
      return (await service.edge.catalog.searchProducts(request)).items.map((item) => item.productId);
    };
    assert.deepEqual([await found(a), await found(b)], [[productId], []]);
    await move(inner, b);
    await service.settled();
    assert.deepEqual([await found(a), await found(b)], [[], [productId]]);
  });

  it('deletes a category that is empty, and none that has children or drafts', async () => {
    const a = await create('a');
    const b = await create('b', a);
    const remove = (categoryId: string) => service.edge.categories.deleteCategory({ categoryId }, shop.owner);
    const said = await rejectsWith(remove(a), 'FAILED_PRECONDITION', 'CATEGORY_NOT_EMPTY');
    assert.equal(said.fields[0]?.field, 'category_id');
    const product = newProduct({ categoryId: b });
    await service.edge.products.createProduct({ storeId: shop.storeId, product }, shop.owner);
    await rejectsWith(remove(b), 'FAILED_PRECONDITION', 'CATEGORY_NOT_EMPTY');
    const c = await create('c');
    await remove(c);
    await rejectsWith(remove(c), 'NOT_FOUND', 'CATEGORY_NOT_FOUND');
  });

  it('never leaves a product in a category that is deleted meanwhile', async () => {
    for (let round = 0; round < 10; round += 1) {
      const categoryId = await create(`r${round}`);
      const product = newProduct({ categoryId });
      const [created, deleted] = await Promise.allSettled([
        service.edge.products.createProduct({ storeId: shop.storeId, product }, shop.owner),
        service.edge.categories.deleteCategory({ categoryId }, shop.owner),
      ]);
      assert.notEqual(created.status, deleted.status);
    }
  });

  it('is for managers', async () => {
    const a = await create('a');
    const stranger = as(await service.users.token());
    const request = { categoryId: a, parentId: '', position: 0 };
    await rejectsWith(service.edge.categories.moveCategory(request, stranger), 'NOT_FOUND', 'CATEGORY_NOT_FOUND');
  });
});
