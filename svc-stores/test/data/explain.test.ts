import assert from 'node:assert/strict';
import { SearchProductsRequest } from '@malla/proto/malla/stores/v1/search';
import { TEXT_VERSION } from '../../src/data/catalog-entries.ts';
import { DUE_PRICES, LOCK_OUTDATED, LOCK_QUEUE, SWEPT } from '../../src/data/catalog-jobs.ts';
import { LOCK_RETRY } from '../../src/data/catalog-retries.ts';
import { pageSql } from '../../src/data/catalog-search.ts';
import { writeId } from '../../src/data/columns.ts';
import { LOCK_EXPIRED } from '../../src/data/reservations.repository.ts';
import { EVER_SOLD, lockStock } from '../../src/data/stock.repository.ts';
import { term } from '../../src/domain/catalog-entry.ts';
import type { CatalogQuery, SearchOrder, SearchPosition } from '../../src/domain/search.ts';
import { parseTextQuery } from '../../src/domain/search-text.ts';
import { fillCatalogue } from '../support/catalogue.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.ts';
import { type Allowance, assertWalksIndexes } from '../support/query-plan.ts';
import { READS, type Read, type Readable, readingRpcs } from '../support/reads.ts';
import { startTestService, type TestService } from '../support/service.ts';
import type { Shop } from '../support/shop.ts';

const LAST = Buffer.alloc(16, 0xff);

/** The largest window of a search. */
const LARGEST_PAGE = 2_000;
/** The line of a plan that its rows come from in the first place. */
const firstTable = (plan: string) => plan.split('\n').find((line) => / on [0-9a-z_]+ using /.test(line)) ?? '';
const isSelect = (sql: string) => /^\s*\(?select/i.test(sql);

describe('query plans', () => {
  let service: TestService;
  let proxy: DatabaseProxy;
  let shop: Shop;
  let from: Readable;
  before(async () => {
    service = await startTestService({
      behind: async (url) => {
        proxy = await startDatabaseProxy(url);
        return proxy.url;
      },
    });
    from = await fillCatalogue(service);
    shop = from.shop;
    const tables = await service.sql<{ name: string }>(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
    );
    await service.sql(`ANALYZE TABLE ${tables.map(({ name }) => name).join(', ')}`);
  });
  after(async () => {
    await service.stop();
    await proxy.close();
  });

  /** Every table is reached by an index, and nothing is sorted but a page that has been cut out already. */
  const explain = async (sql: string, values: readonly unknown[] = [], allowed: Partial<Allowance> = {}) => {
    const [row] = await service.sql<{ EXPLAIN: string }>(`EXPLAIN FORMAT=TREE ${sql}`, [...values]);
    assertWalksIndexes(row?.EXPLAIN ?? '', { pageMax: LARGEST_PAGE, ...allowed });
    return row?.EXPLAIN ?? '';
  };

  /** What an RPC asks the database, called in every way. @param each is told of a statement and the call that makes it. */
  const statementsOf = async (name: string, each = async (_sql: string, _read: Read) => {}) => {
    const statements: string[] = [];
    for (const one of READS[name] ?? []) {
      proxy.commands();
      await one.read(from);
      for (const sql of proxy.commands().filter(isSelect)) {
        statements.push(sql);
        await each(sql, one);
      }
    }
    return statements;
  };

  for (const name of readingRpcs().keys()) {
    it(`has an index for all that ${name} reads`, async () => {
      const statements = await statementsOf(name, async (sql) => {
        await explain(sql);
      });
      assert.ok(statements.length > 0, `${name} only reads, and nothing says in test/support/reads.ts how to`);
    });
  }

  it('locks stock in the order of its primary key', async () => {
    const variants = await service.sql<{ variant_id: Buffer }>('SELECT variant_id FROM variants LIMIT 5');
    const ids = variants.map(({ variant_id }) => variant_id);
    assert.match(firstTable(await explain(lockStock(ids), ids)), /Index range scan on stock using PRIMARY /);
  });

  it('looks once for each variant whether it was ever sold, however long its log is', async () => {
    const id = writeId('var', from.variantId);
    await service.sql(
      `INSERT INTO stock_entries (entry_id, variant_id, reason, on_hand_change, reserved_change, sold_change,
      actor, note, create_time, adjustment_id) WITH RECURSIVE n AS (SELECT 1 AS at UNION ALL SELECT at + 1 FROM n WHERE at < 900)
      SELECT UUID_TO_BIN(UUID()), ?, 'received', 0, 0, 0, '', '', NOW(), UUID_TO_BIN(UUID()) FROM n`,
      [id],
    );
    const others = await service.sql<{ variant_id: Buffer }>('SELECT variant_id FROM stock LIMIT 3');
    const ids = [id, ...others.map(({ variant_id }) => variant_id)];
    const [row] = await service.sql<{ EXPLAIN: string }>(`EXPLAIN ANALYZE ${EVER_SOLD(ids)}`, ids);
    const looked = row?.EXPLAIN.split('\n').find((line) => line.includes('stock_entries_reason')) ?? '';
    assert.match(looked, /reason = 'sold'|reason='sold'/, row?.EXPLAIN);
    assert.ok(Number(/actual time=\S+ rows=([\d.]+)/.exec(looked)?.[1]) <= 1, looked);
  });

  it('says when a page has looked at enough, and goes on from there until all is found', async () => {
    const [{ n = 0 } = {}] = await service.sql<{ n: number }>(
      "SELECT COUNT(*) AS n FROM catalog WHERE JSON_EXTRACT(prices, '$.EUR.amountMinor') >= 598",
    );
    const found: string[] = [];
    const pages: boolean[] = [];
    for (let pageToken = ''; pages.length === 0 || pageToken !== ''; ) {
      const request = SearchProductsRequest.create({
        currencyCode: 'EUR',
        priceMinMinor: 598n,
        pageSize: 100,
        pageToken,
      });
      const page = await service.edge.catalog.searchProducts(request);
      found.push(...page.items.map(({ productId }) => productId));
      pages.push(page.incomplete);
      pageToken = page.nextPageToken;
    }
    assert.ok(n > 0 && pages.length > 1);
    assert.deepEqual([new Set(found).size, found.length], [Number(n), Number(n)]);
    assert.deepEqual(pages, [...pages.slice(1).map(() => true), false]);
  });

  it('reads the changes of a store by the index of stores', async () => {
    const changes = (await statementsOf('CatalogService/WatchCatalog')).filter((sql) => sql.includes('store_id = '));
    assert.equal(changes.length, 1);
    for (const sql of changes) assert.match(await explain(sql), / using catalog_changes_store /);
  });

  it('finds the work of the workers by index', async () => {
    await explain(LOCK_QUEUE);
    await explain(LOCK_RETRY);
    await explain(LOCK_EXPIRED, [new Date()]);
    await explain(DUE_PRICES, [new Date()]);
    await explain(LOCK_OUTDATED, [TEXT_VERSION]);
    await explain(SWEPT(true), [LAST, LAST]);
    await explain(SWEPT(false), [writeId('store', shop.storeId), LAST]);
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
        for (const after of [undefined, ...positions.map((rank) => ({ rank, productId: from.productId }))]) {
          for (const asked of order === 'relevance' ? [text] : [undefined, text]) {
            const search = query({ ...fields, order, text: asked });
            const named = order === 'relevance' ? [term.title('thing'), ...search.terms] : undefined;
            for (const few of [false, true]) {
              const plan = { terms: search.terms, few, named };
              const { text: sql, values } = pageSql(search, plan, page(after));
              assert.match(await explain(sql, values), / on catalog_(?:postings|prices) using PRIMARY/);
            }
          }
        }
      });
    }
  }

  it('counts facets from what one walk comes by, without a sort', async () => {
    for (const fields of Object.values(FILTERS)) {
      const search = query({ ...fields, text: parseTextQuery('thing') });
      const plan = {
        terms: [term.text('thing'), ...search.terms],
        few: true,
        named: [term.title('thing'), ...search.terms],
      };
      const { text: sql, values } = pageSql(search, plan, page(undefined, true));
      await explain(sql, values);
    }
  });
});
