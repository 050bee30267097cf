import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { COUNT_MAX, COUNT_UNKNOWN, WAITING } from '../../src/data/gauges.ts';
import { LOCK_EXPIRED } from '../../src/data/ledger/pending.ts';
import { BALANCE_BEFORE, ENTRIES } from '../../src/data/ledger/statements.ts';
import { type Orm, openOrm } from '../../src/data/orm.ts';
import { SUM_OPEN } from '../../src/data/payments/disputes.repository.ts';
import { LOCK_DUE_NOTIFICATION } from '../../src/data/payments/notifications.repository.ts';
import { LOCK_DUE_OPERATION } from '../../src/data/payments/operations.repository.ts';
import { LAST_ID, LIST_PAYMENTS, LOCK_OVER } from '../../src/data/payments/payments.repository.ts';
import { LIST_PAID_REFUNDS, LIST_REFUNDS } from '../../src/data/payments/refunds.repository.ts';
import { READ_CHANGES } from '../../src/data/purchases/changes.repository.ts';
import { COUNT_OPEN, LIST_OPEN } from '../../src/data/purchases/open-purchases.repository.ts';
import { LIST_PURCHASES, LOCK_DUE_PURCHASE } from '../../src/data/purchases/purchases.repository.ts';
import { DUE_DELIVERIES, LIST_DELIVERIES } from '../../src/data/webhooks/deliveries.repository.ts';
import { LIST_ENDPOINTS } from '../../src/data/webhooks/endpoints.repository.ts';
import { LOCK_DUE_EVENTS } from '../../src/data/webhooks/fan-out.ts';
import { lockDueEndpoint } from '../../src/data/webhooks/turns.ts';
import { createDatabase } from '../support/database.ts';

const [ID, NOW, LATER] = [randomBytes(16), new Date(), new Date('2100-01-01')];

/** Each query with the index that it goes by. */
const QUERIES: readonly [name: string, sql: string, parameters: unknown[], index: string][] = [
  ['payments of a user', LIST_PAYMENTS.user, [ID, LAST_ID, 21], 'payments_user'],
  ['payments of a store', LIST_PAYMENTS.store, [ID, LAST_ID, 21], 'payments_store'],
  ['authorisations that are over', LOCK_OVER, [NOW, NOW, NOW], 'payments_expire'],
  ['open disputes of a payment', SUM_OPEN, [ID], 'disputes_payment'],
  ['refunds of a payment', LIST_REFUNDS, [ID, LAST_ID, 21], 'refunds_payment'],
  ['refunds of a payment that were paid back', LIST_PAID_REFUNDS, [ID, 100], 'refunds_payment'],
  ['purchases of a user', LIST_PURCHASES.user, [ID, LAST_ID, 21], 'purchases_user'],
  ['purchases of a store', LIST_PURCHASES.store, [ID, LAST_ID, 21], 'purchases_store'],
  ['purchases that are due', LOCK_DUE_PURCHASE, [NOW], 'purchases_due'],
  ['changes of a purchase', READ_CHANGES, [ID, 0, 100], 'PRIMARY'],
  ['operations that are due', LOCK_DUE_OPERATION, [NOW], 'provider_operations_due'],
  ['notifications that are due', LOCK_DUE_NOTIFICATION, [NOW], 'provider_notifications_due'],
  ['pending transfers that are over', LOCK_EXPIRED, [NOW], 'ledger_open_pending_expire'],
  ['a statement', ENTRIES, [ID, NOW, LATER, NOW, NOW, ID, ID, 0, 21], 'ledger_postings_account'],
  ['webhook endpoints of an owner', LIST_ENDPOINTS, [ID], 'webhook_endpoints_owner'],
  ['webhook endpoints that are due', lockDueEndpoint([]), [NOW], 'webhook_endpoints_turn_owner'],
  ['webhook endpoints of others', lockDueEndpoint([ID]), [NOW, ID], 'webhook_endpoints_turn_owner'],
  ['webhook events that are due', LOCK_DUE_EVENTS, [NOW], 'webhook_events_due'],
  ['webhook deliveries that are due', DUE_DELIVERIES, [ID, NOW, 10], 'webhook_deliveries_due'],
  ['webhook deliveries', LIST_DELIVERIES.any, [ID, LAST_ID, 21], 'PRIMARY'],
  ['webhook deliveries in a state', LIST_DELIVERIES.in, [ID, LAST_ID, 'failed', 21], 'webhook_deliveries_state'],
  ['a balance of then', BALANCE_BEFORE, [ID, NOW], 'ledger_postings_account'],
];

describe('The plan of each query', () => {
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

  for (const [name, sql, parameters, index] of QUERIES) {
    it(`goes by an index and sorts nothing: ${name}`, async () => {
      type Row = { key: string | null; type: string; Extra: string | null };
      const [first] = await orm.em.fork().execute<Row[]>(`EXPLAIN FORMAT=TRADITIONAL ${sql}`, parameters);
      assert.equal(first?.key, index);
      assert.notEqual(first?.type, 'ALL');
      assert.ok(!first?.Extra?.includes('filesort'), first?.Extra ?? '');
    });
  }

  const lookups: [name: string, sql: string, parameters: unknown[]][] = [
    ['malla_purchases_stuck', COUNT_OPEN, [NOW]],
    ['purchases that have not ended', LIST_OPEN, [NOW, ID, 21]],
    ['malla_payments_outcome_unknown', COUNT_UNKNOWN, []],
    ...WAITING.map(({ name, sql }): [string, string, unknown[]] => [name, sql, []]),
  ];
  for (const [name, sql, parameters] of lookups) {
    it(`goes by an index: ${name}`, async () => {
      type Row = { table: string | null; type: string; key: string | null };
      const rows = await orm.em.fork().execute<Row[]>(`EXPLAIN FORMAT=TRADITIONAL ${sql}`, parameters);
      const stored = rows.filter(({ table }) => table !== null && !table.startsWith('<'));
      // Without rows a whole index costs no more than a part of it.
      assert.ok(stored.length > 0 && stored.every(({ type, key }) => key !== null && type !== 'ALL'));
    });
  }

  it('counts what waits no further than it must, however much that is', async () => {
    const insert = `INSERT INTO webhook_deliveries
      WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 900)
      SELECT UNHEX(LPAD(HEX(a.n), 32, '0')), UNHEX(LPAD(HEX(b.n), 32, '0')), 'pending', 0, NULL, 0, '', ?, ?, ?
      FROM number AS a JOIN number AS b ON b.n <= 12`;
    await orm.em.fork().execute(insert, [NOW, LATER, NOW]);
    const gauge = WAITING.find(({ name }) => name === 'malla_webhook_deliveries_waiting');
    const [row] = await orm.em.fork().execute<{ count: number }[]>(gauge?.sql ?? '');
    assert.equal(Number(row?.count), COUNT_MAX);
  });
});
