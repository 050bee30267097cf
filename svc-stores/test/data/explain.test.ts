import assert from 'node:assert/strict';
import { ImportProductsRequest as RowMessage } from '@malla/proto/malla/stores/v1/imports_service';
import { uploadRows } from '../../scripts/upload.ts';
import { DUE_PRICES, LOCK_QUEUE, SWEPT } from '../../src/data/catalog-jobs.ts';
import { pageSql } from '../../src/data/catalog-search.ts';
import { writeId } from '../../src/data/columns.ts';
import { EXPORT_PAGE } from '../../src/data/export-queries.ts';
import { listRows } from '../../src/data/imports.repository.ts';
import { offersSql } from '../../src/data/offers.ts';
import { LIST_PUBLISHED, listManaged, MANAGED, PUBLISHED, variantsOf } from '../../src/data/product-queries.ts';
import { LOCK_EXPIRED } from '../../src/data/reservations.repository.ts';
import { lockStock } from '../../src/data/stock.repository.ts';
import { LIST_ENTRIES } from '../../src/data/stock-queries.ts';
import { LIST_OF } from '../../src/data/stores.repository.ts';
import { term } from '../../src/domain/catalog-entry.ts';
import type { CatalogQuery, SearchOrder, SearchPosition } from '../../src/domain/search.ts';
import { parseTextQuery } from '../../src/domain/search-text.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newProduct, newVariant, openShop, type Shop } from '../support/shop.ts';

const PRODUCTS = 3_000;
const LAST = Buffer.alloc(16, 0xff);

interface Step {
  readonly table: string | null;
  readonly type: string | null;
  readonly key: string | null;
  readonly Extra: string | null;
}

describe('query plans', () => {
  let service: TestService;
  let shop: Shop;
  let productId: string;
  before(async function () {
    this.timeout(60_000);
    service = await startTestService();
    shop = await openShop(service);
    const rows = Array.from({ length: PRODUCTS }, (_, at) => {
      const attributes = [{ name: 'size', value: `${at % 5}` }];
      const variants = [newVariant({ initialStock: at % 3 }, BigInt(100 + (at % 500)))];
      const product = newProduct({ name: `thing ${at % 97}`, tags: [`tag${at % 7}`, 'all'], attributes, variants });
      return RowMessage.create({ storeId: shop.storeId, product, publish: true });
    });
    await uploadRows(service.edge.channel, rows, shop.owner);
    for (let at = 0; at < 30; at += 1) await openShop(service);
    await service.settled();
    const tables = 'products, variants, stock, stock_entries, stores, staff, catalog, catalog_postings, catalog_prices';
    await service.sql(`ANALYZE TABLE ${tables}`);
    const { products } = await service.edge.catalog.listProducts({ storeId: shop.storeId, pageSize: 1, pageToken: '' });
    productId = products[0]?.productId ?? '';
  });
  after(() => service.stop());

  /** Every table is reached by an index, and nothing is sorted but a page that has been cut out already. */
  const explain = async (sql: string, values: readonly unknown[], { sorts = false } = {}) => {
    const steps = await service.sql<Step>(`EXPLAIN FORMAT=TRADITIONAL ${sql}`, [...values]);
    const own = steps.filter(({ table }) => table !== null && !table.startsWith('<'));
    const text = JSON.stringify(steps);
    for (const { table, type, key } of own) {
      assert.ok(type !== 'ALL' && (type === 'const' || type === 'system' || key), `${table}: ${text}`);
    }
    if (!sorts) assert.ok(own.every(({ Extra }) => !/filesort|temporary/.test(Extra ?? '')) || isOfPage(steps), text);
    return steps;
  };
  /** Joining a derived table of one page, the outer order sorts that page. */
  const isOfPage = (steps: readonly Step[]) => steps.some(({ table }) => table?.startsWith('<derived'));

  const bytes = () => ({
    product: writeId('prod', productId),
    store: writeId('store', shop.storeId),
    user: writeId('usr', shop.ownerId),
  });

  it('reads products, lists and their variants by index', async () => {
    const { product, store, user } = bytes();
    await explain(PUBLISHED([product]), [product]);
    await explain(MANAGED, [user, product]);
    await explain(variantsOf([product]), [product], { sorts: true });
    const published = await explain(LIST_PUBLISHED, [store, LAST, 21, store]);
    assert.ok(published.some(({ key }) => key === 'products_store_state'));
    await explain(listManaged(undefined), [user, store, LAST, 21, store]);
    await explain(listManaged('draft'), [user, store, 'draft', LAST, 21, store]);
    await explain(EXPORT_PAGE, [store, product, 200]);
    await explain(LIST_OF, [user, LAST, 21]);
    await explain("SELECT * FROM stores WHERE state = 'open' AND store_id < ? ORDER BY store_id DESC LIMIT 21", [LAST]);
  });

  it('reads and locks stock, offers and reservations by index', async () => {
    const variants = await service.sql<{ variant_id: Buffer }>('SELECT variant_id FROM variants LIMIT 5');
    const ids = variants.map(({ variant_id }) => variant_id);
    const steps = await explain(lockStock(ids), ids);
    assert.deepEqual(
      steps.map(({ key, type }) => [key, type]),
      [['PRIMARY', 'range']],
    );
    await explain(offersSql(ids), ids);
    await explain(LIST_ENTRIES, [bytes().user, ids[0], LAST, 21, ids[0]]);
    await explain(LOCK_EXPIRED, [new Date()]);
    await explain(listRows(true), [bytes().user, LAST, 0, 100, LAST]);
  });

  it('finds the work of the workers by index', async () => {
    await explain(LOCK_QUEUE, []);
    await explain(DUE_PRICES, [new Date()]);
    await explain(SWEPT(true), [LAST, LAST]);
    await explain(SWEPT(false), [bytes().store, LAST]);
  });

  const query = (fields: Partial<CatalogQuery>): CatalogQuery => ({
    text: undefined,
    terms: [term.all],
    currencyCode: 'EUR',
    priceMinMinor: undefined,
    priceMaxMinor: undefined,
    inStock: false,
    order: 'newest',
    ...fields,
  });
  const FILTERS: Readonly<Record<string, Partial<CatalogQuery>>> = {
    nothing: {},
    'a tag': { terms: [term.tag('tag1')] },
    'a tag that everything has': { terms: [term.tag('all')], inStock: true },
    'two tags': { terms: [term.tag('all'), term.tag('tag1')] },
    'an attribute, a tag and stock': { terms: [term.attribute('size', '1'), term.tag('tag1')], inStock: true },
    'a tag and a range of prices': { terms: [term.tag('tag1')], priceMinMinor: 200n, priceMaxMinor: 300n },
    'four terms': { terms: [term.attribute('size', '1'), term.tag('tag1'), term.tag('all'), term.all] },
  };
  const page = (after?: SearchPosition, facets = false) => ({ limit: 21, after, facets });
  for (const order of ['newest', 'price-up', 'price-down', 'relevance'] as const satisfies SearchOrder[]) {
    for (const [name, fields] of Object.entries(FILTERS)) {
      it(`walks an index in the order of the search: ${order} by ${name}, on any page`, async () => {
        const positions = order === 'relevance' ? ['1', '0'] : ['250'];
        const text = parseTextQuery('thing 12 th*');
        for (const after of [undefined, ...positions.map((rank) => ({ rank, productId }))]) {
          for (const asked of order === 'relevance' ? [text] : [undefined, text]) {
            const search = query({ ...fields, order, text: asked });
            const named = order === 'relevance' ? [term.title('thing'), ...search.terms] : undefined;
            const plan = { terms: search.terms, few: false, common: true, named };
            const { text: sql, values } = pageSql(search, plan, page(after));
            const steps = await explain(sql, values);
            assert.equal(steps[0]?.table, 'p0');
          }
        }
      });
    }
  }

  it('counts facets from what one walk comes by, without a sort', async () => {
    for (const fields of Object.values(FILTERS)) {
      const search = query({ ...fields, text: parseTextQuery('thing') });
      const plan = { terms: search.terms, few: true, common: false, named: [term.title('thing'), ...search.terms] };
      const { text: sql, values } = pageSql(search, plan, page(undefined, true));
      await explain(sql, values);
    }
  });

  it('begins with the full-text index when a text is rare, and sorts only what that finds', async () => {
    const text = parseTextQuery('thing 12');
    for (const order of ['relevance', 'newest', 'price-up'] as const) {
      for (const terms of [[term.all], [term.tag('tag1'), term.attribute('size', '1')]]) {
        const plan = { terms, few: false, common: false, named: undefined };
        const { text: sql, values } = pageSql(query({ text, order, terms }), plan, page());
        const [first] = await explain(sql, values, { sorts: true });
        assert.equal(first?.key, 'catalog_words');
      }
    }
  });
});
