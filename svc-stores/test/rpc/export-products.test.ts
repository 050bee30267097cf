import assert from 'node:assert/strict';
import { callServerStream } from '@malla/chassis/stream-call';
import { mallaContract } from '@malla/proto/contract';
import {
  ExportProductsRequest,
  ExportProductsResponse,
  ImportProductsRequest,
  ImportsServiceService,
} from '@malla/proto/malla/stores/v1/imports_service';
import { uploadRows } from '../../scripts/upload.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { importRow, newProduct, newVariant, openShop, type Shop, stockOf } from '../support/shop.ts';

describe('ImportsService/ExportProducts', () => {
  let service: TestService;
  let shop: Shop;
  let other: Shop;
  before(async () => {
    service = await startTestService();
  });
  beforeEach(async () => {
    [shop, other] = [await openShop(service), await openShop(service)];
  });
  after(() => service.stop());

  const exported = async ({ storeId, owner }: Shop) => {
    const rpc = mallaContract().rpcs.get(ImportsServiceService.exportProducts.path);
    assert.ok(rpc);
    const rows: ExportProductsResponse[] = [];
    const request = ExportProductsRequest.encode({ storeId }).finish();
    for await (const bytes of callServerStream(service.edge.channel, rpc, request, owner)) {
      rows.push(ExportProductsResponse.decode(bytes));
    }
    return rows;
  };
  const importInto = ({ storeId, owner }: Shop, rows: readonly Partial<ImportProductsRequest>[]) =>
    uploadRows(
      service.edge.channel,
      rows.map((row) => ImportProductsRequest.create({ ...row, storeId })),
      owner,
    );
  const treeOf = async ({ storeId }: Shop) => {
    const { categories } = await service.edge.categories.getCategoryTree({ storeId });
    return categories.map(({ name, depth }) => `${depth} ${name}`);
  };
  const createCategory = async (name: string, parentId = '') => {
    const category = { categoryId: '', parentId, name, position: 0, depth: 0 };
    const created = await service.edge.categories.createCategory({ storeId: shop.storeId, category }, shop.owner);
    return created.category?.categoryId ?? '';
  };

  it('sends what another store takes, with its stock and its categories', async () => {
    const categoryId = await createCategory('Lamps', await createCategory('Home'));
    const variants = [newVariant({ optionValues: ['M'], initialStock: 2 }), newVariant({ optionValues: ['L'] })];
    const product = newProduct({
      name: 'whole',
      categoryId,
      description: 'd',
      tags: ['t'],
      options: ['Size'],
      variants,
    });
    await uploadRows(
      service.edge.channel,
      [importRow(shop, product, true), importRow(shop, newProduct({ name: 'draft' }), false)],
      shop.owner,
    );
    const rows = await exported(shop);
    assert.deepEqual(
      rows.map(({ publish, product: one, categoryPath }) => [publish, one?.name, one?.categoryId, categoryPath]),
      [
        [true, 'whole', '', ['Home', 'Lamps']],
        [false, 'draft', '', []],
      ],
    );
    const said = await importInto(other, rows);
    assert.deepEqual([said.import?.createdCount, said.import?.failedCount], [2, 0]);
    assert.deepEqual(await exported(other), rows);
    assert.deepEqual(await treeOf(other), ['1 Home', '2 Lamps']);
    const request = { storeId: other.storeId, pageSize: 0, pageToken: '' };
    const [copy] = (await service.edge.catalog.listProducts(request)).products;
    const ids = copy?.variants.map(({ variantId }) => variantId) ?? [];
    assert.deepEqual(await stockOf(service, other, ids), [
      [2, 0, 2, 0],
      [0, 0, 0, 0],
    ]);
    const again = await importInto(shop, rows);
    assert.deepEqual([again.import?.updatedCount, await treeOf(shop)], [2, ['1 Home', '2 Lamps']]);
  });

  it('finds a category by its names whatever their case, makes it once, and says why it cannot', async () => {
    const of = (categoryPath: string[], product = newProduct()) => ({ product, categoryPath });
    const deep = Array.from({ length: 8 }, (_, at) => `${at}`);
    const categoryId = await createCategory('Home');
    const said = await importInto(shop, [
      of(['HOME', 'Lamps']),
      of(['home', 'lamps ']),
      of(deep),
      of([' ']),
      of(['Home'], newProduct({ categoryId })),
      of([' ', 'x']),
      of(['Zoo']),
      of(['Art']),
    ]);
    assert.deepEqual(
      said.failedRows.map(({ rowNumber, reason, message }) => [rowNumber, reason, /categoryPath/.test(message)]),
      [
        [4, 'CATEGORY_INVALID', true],
        [5, 'PRODUCT_INVALID', true],
        [6, 'CATEGORY_INVALID', true],
      ],
    );
    const tree = await treeOf(shop);
    assert.deepEqual(tree, ['1 Home', '2 Lamps', ...deep.map((name, at) => `${at + 1} ${name}`), '1 Zoo', '1 Art']);
  });
});
