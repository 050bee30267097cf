import assert from 'node:assert/strict';
import { createLogger } from '@malla/chassis/logger';
import { createCatalogLog } from '../../src/data/catalog-log.ts';
import { type Orm, openOrm } from '../../src/data/orm.ts';
import { type CatalogChange, watchCatalog } from '../../src/domain/catalog-log.ts';
import { createLogTail } from '../../src/workers/log-tail.ts';
import { createDatabase } from '../support/database.ts';

const WATCHERS = 300;
const silent = createLogger('svc-stores', 'silent');

describe('createLogTail', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let orm: Orm;
  before(async () => {
    database = await createDatabase();
    orm = openOrm(database.url);
  });
  after(async () => {
    await orm.close();
    await database.drop();
  });

  /** Adds changes of two stores in turn, as the sequencer does. */
  const grow = (count: number) =>
    orm.em.fork().transactional(async (em) => {
      await em.execute(
        `INSERT INTO catalog_changes (position, product_id, store_id, kind, change_time)
          WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
          SELECT h.position + n, UUID_TO_BIN(UUID()), UNHEX(LPAD(n % 2, 32, '0')), 'updated', UTC_TIMESTAMP(3)
          FROM numbers, catalog_head h`,
        [count],
      );
      await em.execute('UPDATE catalog_head SET position = position + ?', [count]);
    });

  /** A tail, and how many statements it sent. */
  function open() {
    const catalogLog = createCatalogLog(orm);
    let statements = 0;
    const counted =
      <Args extends unknown[], Result>(work: (...args: Args) => Result) =>
      (...args: Args) => {
        statements += 1;
        return work(...args);
      };
    const tail = createLogTail({ ends: counted(catalogLog.ends), read: counted(catalogLog.read) }, silent);
    return { tail, statements: () => statements };
  }

  async function take(changes: AsyncIterable<CatalogChange>, count: number): Promise<CatalogChange[]> {
    const taken: CatalogChange[] = [];
    for await (const change of changes) if (taken.push(change) === count) break;
    return taken;
  }

  const watching = (tail: ReturnType<typeof open>['tail'], fields: { after?: bigint; storeId?: string } = {}) => {
    const { after, storeId = '' } = fields;
    return watchCatalog({ after, fromNow: after === undefined, storeId }, AbortSignal.timeout(30_000), {
      catalogFeed: tail,
    });
  };

  it('feeds all who watch from memory: a statement or two for all, and not for each', async () => {
    const { tail, statements } = open();
    const watchers = Array.from({ length: WATCHERS }, () => take(watching(tail), 40));
    await tail.ends();
    const opened = statements();
    assert.ok(opened < 10, `${opened} statements to open`);
    await grow(40);
    const seen = await Promise.all(watchers);
    const [first] = seen;
    assert.equal(first?.length, 40);
    for (const changes of seen) assert.deepEqual(changes, first);
    assert.ok(statements() - opened < 30, `${statements()} statements for ${WATCHERS} watchers`);
    tail.close();
  });

  it('gives each store its own, and who is behind what is no longer in memory, without a gap', async () => {
    const { tail } = open();
    const { last } = await tail.ends();
    await grow(700);
    const live = take(watching(tail), 10);
    await tail.ends();
    const store = (await take(watching(tail, { after: last }), 1))[0]?.storeId ?? '';
    const own = take(watching(tail, { after: last, storeId: store }), 355);
    const all = take(watching(tail, { after: last }), 710);
    await grow(10);
    const positions = (changes: readonly CatalogChange[]) => changes.map(({ position }) => position - last);
    assert.deepEqual(
      positions(await all),
      Array.from({ length: 710 }, (_, at) => BigInt(at + 1)),
    );
    assert.deepEqual(positions(await live), positions(await all).slice(700));
    const mine = await own;
    assert.ok(mine.every(({ storeId }) => storeId === store));
    assert.deepEqual(
      positions(mine),
      [...new Set(positions(mine))].sort((a, b) => Number(a - b)),
    );
    tail.close();
  });

  it('remembers nothing across a purge, and goes on behind it', async () => {
    const { tail } = open();
    const { last } = await tail.ends();
    await grow(20);
    await orm.em.fork().execute('DELETE FROM catalog_changes WHERE position <= ?', [last + 10n]);
    await orm.em.fork().execute('UPDATE catalog_head SET purged_position = ?', [last + 10n]);
    await tail.ends();
    const changes = await take(watching(tail, { after: last + 10n }), 10);
    assert.deepEqual(
      changes.map(({ position }) => position - last),
      Array.from({ length: 10 }, (_, at) => BigInt(at + 11)),
    );
    tail.close();
  });
});
