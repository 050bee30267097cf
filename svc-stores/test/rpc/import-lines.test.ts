import assert from 'node:assert/strict';
import {
  ImportOutcome,
  ImportProductsRequest,
  ImportProductsResponse,
} from '@malla/proto/malla/stores/v1/imports_service';
import { typeid } from 'typeid-js';
import { uploadRows } from '../../scripts/upload.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { importRow, newProduct, openShop, type Shop } from '../support/shop.ts';

describe('ImportsService: lines that are no rows, and rows that are too much', () => {
  let service: TestService;
  let shop: Shop;
  before(async () => {
    service = await startTestService();
  });
  beforeEach(async () => {
    shop = await openShop(service);
  });
  after(() => service.stop());

  const row = (product = newProduct(), importId = '') => ({ ...importRow(shop, product, true), importId });
  const line = (at: number, importId = '') =>
    ImportProductsRequest.create({
      storeId: shop.storeId,
      importId,
      rejectedLine: { line: BigInt(at), reason: 'FIELD_UNKNOWN', message: 'product.nope is no field of this message' },
    });
  const upload = (rows: Iterable<ImportProductsRequest>) => uploadRows(service.edge.channel, rows, shop.owner);

  it('reports a line as a row that failed, and takes what stands around it', async () => {
    const importId = typeid('imp').toString();
    const rows = [line(1), line(2), row(newProduct(), importId), line(4), row()];
    const said = await upload(rows);
    assert.equal(said.import?.importId, importId);
    assert.deepEqual([said.import.rowCount, said.import.createdCount, said.import.failedCount], [5, 2, 3]);
    assert.deepEqual(
      said.failedRows.map(({ rowNumber, outcome, reason }) => [rowNumber, outcome, reason]),
      [1, 2, 4].map((at) => [at, ImportOutcome.FAILED, 'FIELD_UNKNOWN']),
    );
    assert.match(said.failedRows[0]?.message ?? '', /product\.nope/);
    assert.equal((await upload(rows)).import?.rowCount, 5);
  });

  it('reports lines when there is nothing else', async () => {
    const said = await upload([line(1), line(2)]);
    assert.deepEqual([said.import?.rowCount, said.import?.failedCount], [2, 2]);
  });

  it('takes 1,000 rows of 70 KB', async function () {
    this.timeout(300_000);
    const images = Array.from({ length: 20 }, (_, at) => ({
      url: `https://example.com/${at}/${'x'.repeat(1_900)}`,
      altText: '',
    }));
    const description = '字'.repeat(10_000);
    const products = Array.from({ length: 1_000 }, () => newProduct({ description, images }));
    const said = await upload(products.map((product) => importRow(shop, product, false)));
    assert.deepEqual([said.import?.rowCount, said.import?.createdCount], [1_000, 1_000]);
  });

  it('answers briefly, however long what is refused is', async () => {
    const [variant] = newProduct().variants;
    const bad = (sku: string) => row(newProduct({ variants: [{ ...variant, sku } as NonNullable<typeof variant>] }));
    const said = await upload(Array.from({ length: 20 }, (_, at) => bad(`${at}${'é'.repeat(500_000)}`)));
    assert.deepEqual([said.import?.failedCount, said.failedRows.length], [20, 20]);
    assert.deepEqual([...new Set(said.failedRows.map(({ sku }) => sku.length))], [64]);
    assert.ok(ImportProductsResponse.encode(said).finish().length < 20_000);
  });
});
