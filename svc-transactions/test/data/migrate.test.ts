import assert from 'node:assert/strict';
import { migrate } from '../../src/data/migrate.ts';
import { createEmptyDatabase } from '../support/database.ts';

describe('migrate', () => {
  it('runs once when three jobs start at once, and does nothing afterwards', async () => {
    const database = await createEmptyDatabase();
    const names = await Promise.all([1, 2, 3].map(() => migrate(database.url)));
    assert.deepEqual(names.flat(), [
      '2026-11-27-ledger',
      '2026-11-28-payments',
      '2026-11-29-purchases',
      '2026-12-01-webhooks',
      '2026-12-02-provider-references',
      '2026-12-02-purchase-changes',
      '2026-12-03-idempotency-claims',
      '2026-12-04-receipts',
      '2026-12-05-purchase-tries',
      '2026-12-06-provider-texts',
      '2026-12-07-purchase-challenges',
      '2026-12-07-purchase-customer',
      '2026-12-07-retention-notifications',
      '2026-12-07-retention-payments',
      '2026-12-07-retention-purchases',
      '2026-12-07-retention-refunds',
      '2026-12-07-webhook-turns',
      '2026-12-08-feed-cursors',
    ]);
    assert.deepEqual(await migrate(database.url), []);
    await database.drop();
  });
});
