import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { sweepStatements } from '@malla/chassis/retention';
import { retentionFaults } from '@malla/chassis/testing/retention';
import { PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { writeId } from '../../src/data/columns.ts';
import { type Orm, openOrm } from '../../src/data/orm.ts';
import { createPurge } from '../../src/data/purge.ts';
import { RETENTION } from '../../src/data/retention.ts';
import { buy, openShelf, until } from '../support/purchases.ts';
import { startTestService, type TestService } from '../support/service.ts';

const YEAR_MS = 365.25 * 86_400_000;

describe('The retention plan', () => {
  let service: TestService;
  let orm: Orm;
  before(async () => {
    service = await startTestService();
    orm = openOrm(service.config.DATABASE_URL);
  });
  after(async () => {
    await orm.close();
    await service.stop();
  });
  const sql = <Row>(statement: string, values: unknown[] = []) => orm.em.fork().execute<Row[]>(statement, values);

  it('says of every table of the schema how long its rows stay, as the README does', async () => {
    const names = 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()';
    const tables = (await sql<{ name: string }>(names)).map(({ name }) => name);
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    assert.deepEqual(retentionFaults(RETENTION, tables, readme), []);
  });

  it('is carried out by statements that each go by an index in its order', async () => {
    for (const { table, sql: statement, values } of sweepStatements(RETENTION, service.clock.now())) {
      const [plan] = await sql<{ key: string | null; type: string; Extra: string | null }>(
        `EXPLAIN FORMAT=TRADITIONAL ${statement}`,
        values,
      );
      assert.ok(plan?.key && plan.type !== 'ALL', `${table} goes by no index`);
      assert.ok(!plan.Extra?.includes('filesort'), `${table} is sorted`);
    }
  });

  it('ends what is of a person, and leaves the books', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_success', 5);
    const { purchaseId } = await buy(service, shop, [{ variantId, quantity: 2 }]);
    const bought = await until(service, shop, purchaseId, ({ state }) => state === PurchaseState.CAPTURED);
    const half = { purchaseId, lines: [{ variantId, quantity: 1 }], amount: undefined, reason: 'Ada is allergic' };
    await service.edge.purchases.refundPurchase({ ...half, restock: false }, shop.owner());
    await until(service, shop, purchaseId, ({ state }) => state === PurchaseState.PARTLY_REFUNDED);
    const values = [writeId('pur', purchaseId)];
    const count = async (table: string) =>
      Number((await sql<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.n);
    assert.equal((await sql("SELECT 1 FROM provider_operations WHERE token <> ''")).length, 0);
    const before = await sql('SELECT total_minor, state, `lines` FROM purchases WHERE purchase_id = ?', values);

    service.clock.advance(9 * YEAR_MS);
    await createPurge(orm, service.clock)();
    assert.equal(await count('provider_operations'), 0);
    // The provider may tell of the refund only now, nine years on by this clock.
    const yearAgo = new Date(service.clock.now().getTime() - YEAR_MS);
    for (const table of ['provider_notifications', 'idempotency_keys', 'webhook_events']) {
      const old = await sql(`SELECT 1 FROM ${table} WHERE create_time < ?`, [yearAgo]);
      assert.deepEqual(old, [], table);
    }
    const named =
      'SELECT 1 FROM purchases JOIN payments USING (payment_id, user_id) WHERE paid_by IS NOT NULL AND user_id = ?';
    assert.equal((await sql(named, [writeId('usr', shop.userId)])).length, 1);
    assert.ok((await count('purchase_changes')) > 0);

    service.clock.advance(2 * YEAR_MS);
    await createPurge(orm, service.clock)();
    assert.equal((await sql(named, [writeId('usr', shop.userId)])).length, 0);
    assert.equal((await sql("SELECT 1 FROM refunds WHERE reason <> ''")).length, 0);
    assert.equal(await count('purchase_changes'), 0);
    assert.deepEqual(
      await sql('SELECT total_minor, state, `lines` FROM purchases WHERE purchase_id = ?', values),
      before,
    );
    assert.equal(await count('receipts'), 1);
    assert.equal(bought.total?.amountMinor, 2_380n);
  });
});
