import type { RetentionPlan } from '@malla/chassis/retention';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Keys are kept for longer than the day that clients may count on. */
const KEY_KEPT_MS = 48 * HOUR_MS;
/** Far longer than a purchase tries to reserve, commit or release. */
const RESERVATION_KEPT_MS = 30 * DAY_MS;
const IMPORT_KEPT_MS = 90 * DAY_MS;
const OF_PRODUCT = 'as long as the product';
const OF_ENTRY = 'as long as the product is published';
const NOTHING = 'nothing';

/** How long the rows of each table stay. The README says the same. */
export const RETENTION: RetentionPlan = {
  stores: {
    kept: 'for ever: receipts name them',
    personal: 'the contact address and phone: until the owner changes them',
  },
  store_owners: { kept: 'for ever: a row for each owner', personal: 'the id of the owner' },
  staff: { kept: 'until the role is taken away', personal: 'the id of the user: as long as the role' },
  categories: { kept: 'until they are deleted', personal: NOTHING },
  products: { kept: 'until they are deleted', personal: NOTHING },
  variants: { kept: OF_PRODUCT, personal: NOTHING },
  stock: { kept: OF_PRODUCT, personal: NOTHING },
  stock_entries: {
    kept: 'for ever: they are the books of the stock, which the check adds up',
    personal: 'the id of who adjusted it, without a name',
  },
  stock_returns: { kept: 'for ever: what came back counts against what was sold', personal: NOTHING },
  reservations: {
    kept: '30 days after they end without a sale; for ever when sold, since that may be returned at any time',
    personal: 'nothing: the owner is a purchase',
    sweeps: [{ since: "IF(state = 'released' OR state = 'expired', expire_time, NULL)", keptMs: RESERVATION_KEPT_MS }],
  },
  catalog: { kept: OF_ENTRY, personal: NOTHING },
  catalog_postings: { kept: OF_ENTRY, personal: NOTHING },
  catalog_prices: { kept: OF_ENTRY, personal: NOTHING },
  catalog_queue: { kept: 'until a worker has done it, a second or so', personal: NOTHING },
  catalog_sweeps: { kept: 'until a worker has done it', personal: NOTHING },
  catalog_retries: { kept: 'until the entry is made', personal: NOTHING },
  catalog_pending_changes: { kept: 'until they have a position, a second or so', personal: NOTHING },
  catalog_changes: { kept: '7 days, by the purge of the log', personal: NOTHING },
  catalog_head: { kept: 'for ever: one row', personal: NOTHING },
  imports: {
    kept: '90 days after their last row',
    personal: NOTHING,
    sweeps: [
      {
        ...{ since: 'update_time', keptMs: IMPORT_KEPT_MS },
        parent: { key: 'import_id', children: [{ table: 'import_rows', column: 'import_id' }] },
      },
    ],
  },
  import_rows: { kept: 'as long as their import', personal: NOTHING },
  idempotency_keys: {
    kept: '48 hours',
    personal: 'an answer, which has the id of who adjusted stock',
    sweeps: [{ since: 'create_time', keptMs: KEY_KEPT_MS }],
  },
  feed_cursors: { kept: 'for ever: a row for each list that is followed', personal: NOTHING },
  migration_steps: { kept: 'until its migration is done', personal: NOTHING },
  migrations: { kept: 'for ever: a row for each version of the schema', personal: NOTHING },
};
