import assert from 'node:assert/strict';
import { SearchOrder } from '@malla/proto/malla/stores/v1/catalog';
import { SearchProductsRequest } from '@malla/proto/malla/stores/v1/search';
import { uploadRows } from '../../scripts/upload.ts';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { importRow, newProduct, newVariant, openShop, publish, type Shop } from '../support/shop.ts';

describe('CatalogService/SearchProducts', () => {
  let service: TestService;
  let shop: Shop;
  before(async () => {
    service = await startTestService();
  });
  beforeEach(async () => {
    shop = await openShop(service);
  });
  after(() => service.stop());

  const search = (request: Partial<SearchProductsRequest>) =>
    service.edge.catalog.searchProducts(SearchProductsRequest.create({ storeId: shop.storeId, ...request }));
  const names = async (request: Partial<SearchProductsRequest>) =>
    (await search(request)).items.map(({ name }) => name);
  const add = (name: string, amountMinor = 1_000n, more: Parameters<typeof newProduct>[0] = {}, stock = 1) =>
    publish(service, shop, newProduct({ name, variants: [newVariant({ initialStock: stock }, amountMinor)], ...more }));

  it('finds published products by words of name, description and tags, all of which must be there', async () => {
    await add('Blue cotton shirt', 1_000n, { description: 'For the summer', tags: ['beach'] });
    await add('Blue trousers');
    assert.deepEqual(await names({ query: 'BLUE' }), ['Blue trousers', 'Blue cotton shirt']);
    assert.deepEqual(await names({ query: 'blue summer beach' }), ['Blue cotton shirt']);
    assert.deepEqual(await names({ query: 'blue winter' }), []);
    assert.deepEqual(await names({ query: 'the' }), ['Blue cotton shirt']);
  });

  it('finds what begins so, words of one letter, and Latin words with or without accents', async () => {
    await add('Café crème XL');
    await add('TV stand');
    assert.deepEqual(await names({ query: 'caf*' }), ['Café crème XL']);
    assert.deepEqual(await names({ query: 'creme' }), ['Café crème XL']);
    assert.deepEqual(await names({ query: 'xl' }), ['Café crème XL']);
    assert.deepEqual(await names({ query: 't*' }), ['TV stand']);
    assert.deepEqual(await names({ query: 'stan' }), []);
  });

  it('finds any part of Chinese, Japanese and Korean texts, also beside words', async () => {
    await add('苹果手机 iphone15手机壳');
    await add('緑茶セット');
    await add('한국어 커피');
    assert.deepEqual(await names({ query: '手机' }), ['苹果手机 iphone15手机壳']);
    assert.deepEqual(await names({ query: 'iphone15 手机壳' }), ['苹果手机 iphone15手机壳']);
    assert.deepEqual(await names({ query: '茶' }), ['緑茶セット']);
    assert.deepEqual(await names({ query: '커피' }), ['한국어 커피']);
  });

  it('finds one character wherever it stands, on later pages where newer entries fill the window of the first', async () => {
    const everyName = async (query: string) => {
      const found: string[] = [];
      let pageToken = '';
      do {
        const page = await search({ query, pageToken });
        found.push(...page.items.map(({ name }) => name));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      return found;
    };
    const many = Array.from({ length: 1_010 }, (_, at) => newProduct({ name: `filler ${at}` }));
    await add('鼈甲細工');
    await add('漆塗り鼈甲');
    await add('甲');
    await add('鼈甲 comb');
    await uploadRows(
      service.edge.channel,
      many.map((product) => importRow(shop, product, true)),
      shop.owner,
    );
    assert.deepEqual(await everyName('甲'), ['鼈甲 comb', '甲', '漆塗り鼈甲', '鼈甲細工']);
    assert.deepEqual(await everyName('鼈'), ['鼈甲 comb', '漆塗り鼈甲', '鼈甲細工']);
    assert.deepEqual(await names({ query: '塗り鼈甲' }), ['漆塗り鼈甲']);
  });

  it('finds one character of what the version before wrote, after the migration', async () => {
    await add('お茶 緑茶');
    await service.sql("UPDATE catalog SET search_ngrams = 'お茶 緑茶' WHERE name = 'お茶 緑茶'");
    const { EndsOfRuns20261201 } = await import('../../src/data/migrations/2026-12-01-ends-of-runs.ts');
    const statements: string[] = [];
    EndsOfRuns20261201.prototype.up.call({ addSql: (sql: string) => void statements.push(sql) });
    for (const sql of [...statements, ...statements]) await service.sql(sql);
    const rows = await service.sql("SELECT search_ngrams FROM catalog WHERE name = 'お茶 緑茶'");
    assert.deepEqual(rows, [{ search_ngrams: 'お茶_ 緑茶_' }]);
  });

  it('puts first what has more of the words in its name, then in its tags', async () => {
    await add('Lamp', 1_000n, { description: 'oak wood' });
    await add('Table', 1_000n, { tags: ['oak'] });
    await add('Oak chair');
    await add('Oak wood bench');
    await add('Stool', 1_000n, { description: 'oak' });
    assert.deepEqual(await names({ query: 'oak' }), ['Oak wood bench', 'Oak chair', 'Table', 'Stool', 'Lamp']);
    assert.deepEqual(await names({ query: 'oak', order: SearchOrder.NEWEST }), [
      'Stool',
      'Oak wood bench',
      'Oak chair',
      'Table',
      'Lamp',
    ]);
  });

  it('treats what MySQL would read as operators as nothing', async () => {
    await add('Plain');
    for (const query of [
      '+',
      '-plain "',
      '***',
      '@',
      '(plain',
      'plain)',
      '~plain',
      '"plain',
      "pl'ain",
      '\\',
      '%',
      '_',
    ]) {
      const said = await names({ query });
      assert.ok(said.length <= 1, query);
    }
    assert.deepEqual(await names({ query: '-plain' }), ['Plain']);
  });

  it('filters by category with what is below, tags, attributes, price and stock at once', async () => {
    const make = async (name: string, parentId = '') => {
      const category = { categoryId: '', parentId, name, position: 0, depth: 0 };
      const made = await service.edge.categories.createCategory({ storeId: shop.storeId, category }, shop.owner);
      return made.category?.categoryId ?? '';
    };
    const clothes = await make('Clothes');
    const shirts = await make('Shirts', clothes);
    const attributes = [{ name: 'Material', value: 'Linen' }];
    await add('a', 500n, { categoryId: shirts, tags: ['sale', 'new'], attributes });
    await add('b', 1_500n, { categoryId: clothes, tags: ['sale'] }, 0);
    await add('c', 2_500n, { tags: ['new'] });
    assert.deepEqual(await names({ categoryId: clothes }), ['b', 'a']);
    assert.deepEqual(await names({ categoryId: shirts }), ['a']);
    assert.deepEqual(await names({ tags: ['sale', 'NEW'] }), ['a']);
    assert.deepEqual(await names({ attributes: ['material=linen'], categoryId: clothes }), ['a']);
    assert.deepEqual(await names({ inStock: true }), ['c', 'a']);
    assert.deepEqual(await names({ priceMinMinor: 500n, priceMaxMinor: 1_500n }), ['b', 'a']);
    assert.deepEqual(await names({ priceMinMinor: 501n, order: SearchOrder.PRICE_UP }), ['b', 'c']);
    assert.deepEqual(await names({ priceMinMinor: 501n, tags: ['new'], order: SearchOrder.PRICE_DOWN }), ['c']);
  });

  it('sorts by price in the currency that is asked for, with what has one', async () => {
    const usd = (amountMinor: bigint) => ({ prices: [{ amount: { currencyCode: 'USD', amountMinor } }] });
    await add('cheap', 100n);
    await add('dear', 900n);
    await add('dollars', 0n, { variants: [newVariant(usd(5n) as object)] });
    assert.deepEqual(await names({ order: SearchOrder.PRICE_UP }), ['cheap', 'dear']);
    assert.deepEqual(await names({ order: SearchOrder.PRICE_DOWN }), ['dear', 'cheap']);
    const { items } = await search({ order: SearchOrder.PRICE_UP, currencyCode: 'USD' });
    assert.deepEqual(
      items.map(({ name, price }) => [name, price]),
      [['dollars', { currencyCode: 'USD', amountMinor: 5n }]],
    );
  });

  for (const [name, order, query] of [
    ['newest', SearchOrder.NEWEST, ''],
    ['price', SearchOrder.PRICE_UP, ''],
    ['price downwards', SearchOrder.PRICE_DOWN, ''],
    ['relevance', SearchOrder.RELEVANCE, 'word'],
    ['newest with a text', SearchOrder.NEWEST, 'word'],
    ['price with a text', SearchOrder.PRICE_DOWN, 'word'],
  ] as const) {
    it(`shows each product once, page after page by ${name}, while others are added and removed`, async () => {
      const all: string[] = [];
      for (let at = 0; at < 12; at += 1) all.push((await add(`word ${at}`, BigInt(100 * (at % 3)))).productId);
      const seen: string[] = [];
      let pageToken = '';
      do {
        const page = await search({ query, order, pageSize: 5, pageToken });
        seen.push(...page.items.map(({ productId }) => productId));
        pageToken = page.nextPageToken;
        if (pageToken !== '') {
          await add('word word added', 50n);
          const productId = seen.at(-1) ?? '';
          await service.edge.products.archiveProduct({ productId }, shop.owner);
        }
      } while (pageToken !== '');
      assert.equal(new Set(seen).size, seen.length);
      assert.deepEqual(
        all.filter((id) => !seen.includes(id)),
        [],
      );
    });
  }

  it('goes from names to descriptions within a page, each product once, while both are added', async () => {
    const all: string[] = [];
    for (let at = 0; at < 7; at += 1) all.push((await add('plain', 1_000n, { description: 'word' })).productId);
    for (let at = 0; at < 7; at += 1) all.push((await add(`word ${at}`)).productId);
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await search({ query: 'word', pageSize: 5, pageToken });
      seen.push(...page.items.map(({ productId }) => productId));
      pageToken = page.nextPageToken;
      await add('word added');
      await add('added', 1_000n, { description: 'word' });
    } while (pageToken !== '');
    assert.equal(new Set(seen).size, seen.length);
    const known = new Set(all);
    assert.deepEqual(
      seen.filter((id) => known.has(id)),
      all.toReversed(),
    );
  });

  it('refuses a page token that was changed, made up, or given for another search', async () => {
    for (let at = 0; at < 3; at += 1) await add(`p${at}`);
    const { nextPageToken } = await search({ pageSize: 1 });
    const tampered = [
      `${nextPageToken.slice(0, -1)}${nextPageToken.endsWith('A') ? 'B' : 'A'}`,
      `${nextPageToken}A`,
      Buffer.from('["0","prod_01h2xcejqtf2nbrexx3vqjhp41"]').toString('base64url'),
      `${nextPageToken}=`,
      'x',
    ];
    for (const pageToken of tampered) {
      const said = await rejectsWith(search({ pageSize: 1, pageToken }), 'INVALID_ARGUMENT', 'PAGE_TOKEN_INVALID');
      assert.equal(said.fields[0]?.field, 'page_token');
    }
    await rejectsWith(search({ tags: ['x'], pageToken: nextPageToken }), 'INVALID_ARGUMENT', 'PAGE_TOKEN_INVALID');
    assert.equal((await search({ pageSize: 2, pageToken: nextPageToken })).items.length, 2);
  });

  it('counts categories with those above, tags and bands of price', async () => {
    const category = { categoryId: '', parentId: '', name: 'A', position: 0, depth: 0 };
    const made = await service.edge.categories.createCategory({ storeId: shop.storeId, category }, shop.owner);
    const categoryId = made.category?.categoryId ?? '';
    await add('a', 150n, { categoryId, tags: ['x', 'y'] });
    await add('b', 199n, { categoryId, tags: ['x'] });
    await add('c', 5_000n);
    const { facets } = await search({ facets: true, pageSize: 1 });
    assert.deepEqual(facets?.categories, [{ value: categoryId, count: 2 }]);
    assert.deepEqual(facets?.tags, [
      { value: 'x', count: 2 },
      { value: 'y', count: 1 },
    ]);
    assert.deepEqual(
      facets?.priceBands.map(({ from, to, count }) => [from?.amountMinor, to?.amountMinor, count]),
      [
        [100n, 200n, 2],
        [5_000n, 10_000n, 1],
      ],
    );
    assert.deepEqual([facets?.counted, facets?.complete], [3, true]);
  });

  it('follows what happens to a product and its store', async () => {
    const product = await add('thing');
    assert.deepEqual(await names({ query: 'thing' }), ['thing']);
    const update = { product: { ...product, name: 'gadget', etag: '' }, updateMask: ['name'] };
    await service.edge.products.updateProduct(update, shop.owner);
    assert.deepEqual(await names({ query: 'thing' }), []);
    assert.deepEqual(await names({ query: 'gadget' }), ['gadget']);
    await service.edge.stores.closeStore({ storeId: shop.storeId }, shop.owner);
    assert.deepEqual(await names({}), []);
    await service.edge.stores.reopenStore({ storeId: shop.storeId }, shop.owner);
    await service.settled();
    assert.deepEqual(await names({}), ['gadget']);
    await service.edge.products.archiveProduct({ productId: product.productId }, shop.owner);
    assert.deepEqual(await names({}), []);
  });

  it('wants a currency to compare prices in', async () => {
    const request = SearchProductsRequest.create({ order: SearchOrder.PRICE_UP });
    const said = await rejectsWith(
      service.edge.catalog.searchProducts(request),
      'INVALID_ARGUMENT',
      'CURRENCY_MISSING',
    );
    assert.equal(said.fields[0]?.field, 'currency_code');
    await rejectsWith(search({ priceMinMinor: 2n, priceMaxMinor: 1n }), 'INVALID_ARGUMENT', 'PRICE_RANGE_INVALID');
  });
});
