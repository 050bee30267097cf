import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { SearchProductsRequest } from '@malla/proto/malla/stores/v1/search';
import { uploadRows } from '../../scripts/upload.ts';
import { termKey } from '../../src/data/term-key.ts';
import { term } from '../../src/domain/catalog-entry.ts';
import { startServer } from '../../src/server.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { importRow, newProduct, openShop } from '../support/shop.ts';

const POLL_MS = 50;
const PRODUCTS = 250;
const WORD = 'zeugma';

describe('Entries of an earlier release', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService({ workers: false });
  });
  after(() => service.stop());

  it('are made again from the start of a release on, batch after batch, and then found by all that they say', async () => {
    const shop = await openShop(service);
    const products = Array.from({ length: PRODUCTS }, (_, at) => newProduct({ description: `${WORD} ${at}` }));
    const rows = products.map((product) => importRow(shop, product, true));
    await uploadRows(service.edge.channel, rows, shop.owner);
    await makeOld(service);
    const request = SearchProductsRequest.create({ storeId: shop.storeId, query: `${WORD} ${PRODUCTS - 1}` });
    assert.deepEqual((await service.edge.catalog.searchProducts(request)).items, []);
    const release = await startServer(service.config);
    const left = 'SELECT 1 FROM catalog WHERE text_version = 0 LIMIT 1';
    while ((await service.sql(left)).length > 0) await sleep(POLL_MS);
    assert.equal((await service.edge.catalog.searchProducts(request)).items.length, 1);
    await release.stop();
  });
});

/** Takes from all entries what a release without parts of texts did not write. */
async function makeOld(service: TestService): Promise<void> {
  await service.sql('DELETE FROM catalog_postings WHERE term NOT IN (?)', [termKey(term.all)]);
  const only = [termKey(term.all), Buffer.alloc(0)];
  await service.sql('UPDATE catalog SET text_version = 0, terms = ?, title_terms = ?', only);
  await service.sql('DELETE FROM catalog_prices WHERE term NOT IN (?)', [termKey(term.all)]);
}
