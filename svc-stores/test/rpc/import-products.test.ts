import assert from 'node:assert/strict';
import {
  ImportOutcome,
  type ImportProductsRequest,
  ImportProductsRequest as RowMessage,
} from '@malla/proto/malla/stores/v1/imports_service';
import { ProductState } from '@malla/proto/malla/stores/v1/product';
import { typeid } from 'typeid-js';
import { uploadRows } from '../../scripts/upload.ts';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newProduct, newVariant, openShop, publish, type Shop, stockOf } from '../support/shop.ts';

describe('ImportsService', () => {
  let service: TestService;
  let shop: Shop;
  before(async () => {
    service = await startTestService();
  });
  beforeEach(async () => {
    shop = await openShop(service);
  });
  after(() => service.stop());

  const row = (product = newProduct(), more: Partial<ImportProductsRequest> = {}) =>
    RowMessage.create({ storeId: shop.storeId, product, publish: true, ...more });
  const upload = (rows: Iterable<ImportProductsRequest> | AsyncIterable<ImportProductsRequest>, who = shop.owner) =>
    uploadRows(service.edge.channel, rows, who);
  const managed = async () => {
    const request = { storeId: shop.storeId, state: ProductState.UNSPECIFIED, pageSize: 100, pageToken: '' };
    return (await service.edge.products.listManagedProducts(request, shop.owner)).products;
  };

  it('creates a product for each row, with its stock, published or as a draft', async () => {
    const first = newProduct({ name: 'first', variants: [newVariant({ initialStock: 4 })] });
    const said = await upload([row(first), row(newProduct({ name: 'second' }), { publish: false })]);
    assert.deepEqual([said.import?.rowCount, said.import?.createdCount, said.import?.failedCount], [2, 2, 0]);
    const products = await managed();
    assert.deepEqual(products.map(({ name, state }) => [name, state]).toSorted(), [
      ['first', ProductState.PUBLISHED],
      ['second', ProductState.DRAFT],
    ]);
    const ids = products.find(({ name }) => name === 'first')?.variants.map(({ variantId }) => variantId) ?? [];
    assert.deepEqual(await stockOf(service, shop, ids), [[4, 0, 4, 0]]);
    const { products: listed } = await service.edge.catalog.listProducts({
      storeId: shop.storeId,
      pageSize: 0,
      pageToken: '',
    });
    assert.deepEqual(
      listed.map(({ name }) => name),
      ['first'],
    );
  });

  it('reports each bad row with its reason, and takes the others', async () => {
    const taken = [newVariant({ optionValues: ['M'] }), newVariant({ optionValues: ['L'] })];
    for (const variant of taken) await publish(service, shop, newProduct({ options: ['Size'], variants: [variant] }));
    const rows = [
      row(newProduct({ name: '' })),
      row(newProduct({ name: 'good' })),
      row(newProduct({ tags: ['a', 'a'] })),
      row(newProduct({ categoryId: 'cat_01h2xcejqtf2nbrexx3vqjhp41' })),
      row(newProduct({ options: ['Size'], variants: taken })),
      row(newProduct({ variants: [] })),
    ];
    const said = await upload(rows);
    assert.deepEqual([said.import?.createdCount, said.import?.failedCount], [1, 5]);
    assert.deepEqual(
      said.failedRows.map(({ rowNumber, reason }) => [rowNumber, reason]),
      [
        [1, 'PRODUCT_INVALID'],
        [3, 'MESSAGE_INVALID'],
        [4, 'CATEGORY_NOT_FOUND'],
        [5, 'SKU_TAKEN'],
        [6, 'PRODUCT_INVALID'],
      ],
    );
    assert.match(said.failedRows[1]?.message ?? '', /product\.tags/);
    const importId = said.import?.importId ?? '';
    const list = { importId, failedOnly: false, pageSize: 4, pageToken: '' };
    const first = await service.edge.imports.listImportRows(list, shop.owner);
    const second = await service.edge.imports.listImportRows({ ...list, pageToken: first.nextPageToken }, shop.owner);
    assert.deepEqual(
      [...first.rows, ...second.rows].map(({ outcome }) => outcome),
      [ImportOutcome.FAILED, ImportOutcome.CREATED, ...Array.from({ length: 4 }, () => ImportOutcome.FAILED)],
    );
    const failed = await service.edge.imports.listImportRows({ ...list, failedOnly: true, pageSize: 0 }, shop.owner);
    assert.equal(failed.rows.length, 5);
  });

  it('updates the product that has the SKU, also within one import, and leaves its stock', async () => {
    const variant = newVariant({ initialStock: 5 });
    const product = newProduct({ name: 'one', tags: ['old'], variants: [variant] });
    await upload([row(product)]);
    const [before] = await managed();
    const again = { ...product, name: 'two', tags: [], variants: [{ ...variant, initialStock: 9 }] };
    const said = await upload([row(again), row({ ...again, name: 'three' })]);
    assert.deepEqual([said.import?.createdCount, said.import?.updatedCount], [0, 2]);
    const products = await managed();
    assert.deepEqual(
      products.map(({ productId, name, tags }) => [productId, name, tags]),
      [[before?.productId, 'three', []]],
    );
    const ids = products[0]?.variants.map(({ variantId }) => variantId) ?? [];
    assert.deepEqual(await stockOf(service, shop, ids), [[5, 0, 5, 0]]);
  });

  it('goes on where it broke off, and counts no row twice', async () => {
    const importId = typeid('imp').toString();
    const rows = Array.from({ length: 2_500 }, (_, at) => row(newProduct({ name: `p${at}` }), { importId }));
    const cut = new AbortController();
    async function* breakingOff() {
      for (const [at, one] of rows.entries()) {
        if (at === 2_200) {
          while ((await progress())?.rowCount !== 2_000);
          cut.abort();
        }
        yield one;
      }
    }
    const progress = async () => {
      const found = await service.edge.imports.getImport({ importId }, shop.owner).catch(() => undefined);
      return found?.import;
    };
    await assert.rejects(uploadRows(service.edge.channel, breakingOff(), { ...shop.owner, signal: cut.signal }));
    const said = await upload(rows);
    assert.deepEqual([said.import?.rowCount, said.import?.createdCount], [2_500, 2_500]);
    const [count] = await service.sql<{ n: number }>('SELECT COUNT(*) AS n FROM products WHERE name LIKE "p%"');
    assert.equal(count?.n, 2_500);
    assert.equal((await upload(rows)).import?.rowCount, 2_500);
  });

  it('creates each product once when two imports of the same rows run at once', async () => {
    const rows = Array.from({ length: 300 }, () => row());
    const said = await Promise.all([upload(rows), upload(rows.toReversed())]);
    const created = said.reduce((sum, one) => sum + (one.import?.createdCount ?? 0), 0);
    const updated = said.reduce((sum, one) => sum + (one.import?.updatedCount ?? 0), 0);
    assert.deepEqual([created, updated], [300, 300]);
  });

  it('lets one of two calls work on an import', async () => {
    const importId = typeid('imp').toString();
    const rows = Array.from({ length: 50 }, () => row(newProduct(), { importId }));
    const outcomes = await Promise.allSettled([upload(rows), upload(rows)]);
    for (const outcome of outcomes.filter(({ status }) => status === 'rejected')) {
      await rejectsWith(Promise.reject((outcome as PromiseRejectedResult).reason), 'ABORTED', 'IMPORT_BUSY');
    }
    const [count] = await service.sql<{ n: number }>(
      'SELECT row_count AS n FROM imports ORDER BY create_time DESC LIMIT 1',
    );
    assert.equal(count?.n, 50);
  });

  it('refuses rows of two stores, an id of another store, and who is no manager', async () => {
    const other = await openShop(service);
    const mixed = [row(), row(newProduct(), { storeId: other.storeId })];
    await rejectsWith(upload(mixed), 'INVALID_ARGUMENT', 'STORE_MIXED');
    const importId = typeid('imp').toString();
    await uploadRows(service.edge.channel, [row(newProduct(), { storeId: other.storeId, importId })], other.owner);
    await rejectsWith(upload([row(newProduct(), { importId })]), 'ALREADY_EXISTS', 'IMPORT_MISMATCH');
    await rejectsWith(upload([row()], as(await service.users.token())), 'PERMISSION_DENIED', 'ROLE_MISSING');
    const peek = service.edge.imports.getImport({ importId }, shop.owner);
    await rejectsWith(peek, 'NOT_FOUND', 'IMPORT_NOT_FOUND');
  });

  it('says which row holds a card number, and takes lists of sizes', async () => {
    const sizes = row(newProduct({ description: 'Available in 36, 37, 38, 39, 40, 41, 42, 43, 44' }));
    const card = row(newProduct({ description: 'Pay to 4242 4242 4242 4242' }));
    const told = await rejectsWith(upload([sizes, sizes, card]), 'INVALID_ARGUMENT', 'CARD_NUMBER_REFUSED');
    assert.match(told.message, /^Message 3: /);
    assert.deepEqual(
      told.fields.map(({ field }) => field),
      ['[2].product.description'],
    );
    assert.equal((await upload([sizes])).import?.failedCount, 0);
  });

  it('finds the product by any SKU of the row, and refuses a row with SKUs of two', async () => {
    const [one, two] = [newVariant({ optionValues: ['1'] }), newVariant({ optionValues: ['2'] })];
    await upload([row(newProduct({ options: ['No'], variants: [one, two] }))]);
    const [before] = await managed();
    const fresh = newVariant({ optionValues: ['0'] });
    const said = await upload([row(newProduct({ options: ['No'], variants: [fresh, two, one] }))]);
    assert.deepEqual([said.import?.updatedCount, said.failedRows], [1, []]);
    const [after] = await managed();
    assert.equal(after?.productId, before?.productId);
    assert.deepEqual(
      after?.variants.map(({ sku }) => sku),
      [fresh.sku, two.sku, one.sku],
    );
    const other = newVariant({ optionValues: ['3'] });
    await upload([row(newProduct({ options: ['No'], variants: [other] }))]);
    const mixed = await upload([row(newProduct({ options: ['No'], variants: [fresh, other] }))]);
    assert.equal(mixed.failedRows[0]?.reason, 'SKU_TAKEN');
  });

  it('works rows of one product off one after another', async () => {
    const [one, two] = [newVariant({ optionValues: ['1'] }), newVariant({ optionValues: ['2'] })];
    await upload([row(newProduct({ options: ['No'], variants: [one, two] }))]);
    const only = (variant: typeof one) => row(newProduct({ options: ['No'], variants: [variant] }));
    const said = await upload([only(one), only(two)]);
    assert.deepEqual([said.import?.updatedCount, said.import?.createdCount], [1, 1]);
  });

  it('leaves a product as it is when the row says nothing new', async () => {
    const rich = newProduct({ name: 'same', description: 'd', tags: ['Tag'], attributes: [{ name: 'a', value: 'b' }] });
    await upload([row(rich)]);
    const before = await managed();
    const changes = 'SELECT COUNT(*) AS n FROM catalog_changes';
    await service.settled();
    const logged = await service.sql(changes);
    const said = await upload([row(rich), row(rich)]);
    assert.equal(said.import?.updatedCount, 2);
    assert.deepEqual(await managed(), before);
    await service.settled();
    assert.deepEqual(await service.sql(changes), logged);
  });
});
