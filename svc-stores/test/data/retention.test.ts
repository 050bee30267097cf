import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { sweep, sweepDatabase, sweepStatements } from '@malla/chassis/retention';
import { retentionFaults } from '@malla/chassis/testing/retention';
import { uploadRows } from '../../scripts/upload.ts';
import { openOrm } from '../../src/data/orm.ts';
import { RETENTION } from '../../src/data/retention.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { importRow, newProduct, newReservationId, newVariant, openShop } from '../support/shop.ts';

const DAY_MS = 24 * 3_600_000;

describe('the retention plan', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService({ workers: false });
  });
  after(() => service.stop());

  const sweepAll = async () => {
    const orm = openOrm(service.databaseUrl);
    try {
      await sweep(RETENTION, { database: sweepDatabase(orm.em), clock: service.clock });
    } finally {
      await orm.close();
    }
  };
  const count = async (table: string) =>
    Number((await service.sql<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.n);

  it('says of every table of the schema how long its rows stay, as the README does', async () => {
    const sql = 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()';
    const tables = (await service.sql<{ name: string }>(sql)).map(({ name }) => name);
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    assert.deepEqual(retentionFaults(RETENTION, tables, readme), []);
  });

  it('is carried out by statements that each go by an index in its order', async () => {
    for (const { table, sql, values } of sweepStatements(RETENTION, service.clock.now())) {
      const [plan] = await service.sql<{ key: string | null; type: string; Extra: string | null }>(
        `EXPLAIN FORMAT=TRADITIONAL ${sql}`,
        values,
      );
      assert.ok(plan?.key && plan.type !== 'ALL', `${table} goes by no index: ${sql}`);
      assert.ok(!plan.Extra?.includes('filesort'), `${table} is sorted`);
    }
  });

  it('ends imports with their rows after 90 days, and reservations that sold nothing after 30', async () => {
    const shop = await openShop(service);
    const rows = Array.from({ length: 3 }, () =>
      importRow(shop, newProduct({ variants: [newVariant({ initialStock: 9 })] }), true),
    );
    await uploadRows(service.edge.channel, rows, shop.owner);
    const list = { storeId: shop.storeId, state: 0, pageSize: 1, pageToken: '' } as const;
    const { products } = await service.edge.products.listManagedProducts(list, shop.owner);
    const variantId = products[0]?.variants[0]?.variantId ?? '';
    const { reservations } = service.transactions;
    const ids = Array.from({ length: 3 }, newReservationId);
    for (const reservationId of ids) {
      const lines = [{ variantId, quantity: 1 }];
      await reservations.reserveStock({ reservationId, ownerId: 'o', lines, lifetime: undefined });
    }
    const [sold = '', released = ''] = ids;
    await reservations.commitReservation({ reservationId: sold });
    await reservations.releaseReservation({ reservationId: released });
    const before = await count('stock_entries');
    await sweepAll();
    assert.deepEqual([await count('imports'), await count('import_rows'), await count('reservations')], [1, 3, 3]);
    service.clock.advance(31 * DAY_MS);
    await sweepAll();
    assert.deepEqual([await count('imports'), await count('reservations')], [1, 2]);
    assert.equal((await reservations.getReservation({ reservationId: sold })).reservation?.reservationId, sold);
    service.clock.advance(60 * DAY_MS);
    await sweepAll();
    assert.deepEqual([await count('imports'), await count('import_rows'), await count('reservations')], [0, 0, 2]);
    assert.equal(await count('stock_entries'), before);
  });
});
