import type { RetentionPlan, Sweep } from '@malla/chassis/retention';

const DAY_MS = 86_400_000;
/** How long the books of a merchant have to name who bought: ten years in most of the countries that say so. */
const BOOKS_KEPT_MS = 3_653 * DAY_MS;
const NOBODY = "X'00000000000000000000000000000000'";
/** By functional indexes, which hold what is still of somebody. */
const NAMED_SINCE = `(IF(user_id = ${NOBODY}, NULL, create_time))`;
const EXPLAINED_SINCE = "(IF(reason = '', NULL, create_time))";

const LEDGER = { kept: 'for ever: the proof that no money was lost', personal: 'nothing: ids of stores and payments' };
const sweptAfter = (days: number, sweep: Omit<Sweep, 'keptMs'>) => [{ ...sweep, keptMs: days * DAY_MS }];

/** How long the rows of each table stay. The README says the same. */
export const RETENTION: RetentionPlan = {
  purchases: {
    kept: 'for ever: receipts and the ledger refer to them',
    personal: 'who bought, the card and the contact: cleared after 10 years',
    sweeps: [
      {
        ...{ since: NAMED_SINCE, keptMs: BOOKS_KEPT_MS },
        clear: `user_id = ${NOBODY}, paid_by = NULL, customer = NULL, store_contact = NULL`,
      },
    ],
  },
  purchase_changes: {
    kept: '10 years',
    personal: 'nothing',
    sweeps: [{ since: 'purchase_id', by: 'uuid7', keptMs: BOOKS_KEPT_MS }],
  },
  receipts: { kept: 'for ever: numbers have no gaps', personal: 'nothing' },
  receipt_series: { kept: 'for ever: the last number of each store and year', personal: 'nothing' },
  payments: {
    kept: 'for ever: the ledger refers to them',
    personal: 'who paid, and the description: cleared after 10 years',
    sweeps: [
      {
        ...{ since: NAMED_SINCE, keptMs: BOOKS_KEPT_MS },
        clear: `user_id = ${NOBODY}, description = '', payment_method_id = NULL`,
      },
    ],
  },
  refunds: {
    kept: 'for ever: the ledger refers to their payments',
    personal: 'the reason: cleared after 10 years',
    sweeps: [{ since: EXPLAINED_SINCE, keptMs: BOOKS_KEPT_MS, clear: "reason = ''" }],
  },
  disputes: { kept: 'for ever: the ledger refers to them', personal: 'nothing' },
  provider_operations: {
    kept: '2 years: a provider may tell of a refund that failed that late',
    personal: 'the token of a card: until the operation ends',
    sweeps: sweptAfter(730, { since: 'operation_id', by: 'uuid7', where: 'next_try_time IS NULL' }),
  },
  provider_notifications: {
    kept: '90 days, and no provider tells an event again that late',
    personal: 'whatever the provider told: as long as the row',
    // None is tried for longer than some days.
    sweeps: sweptAfter(90, { since: 'create_time' }),
  },
  payment_methods: {
    kept: 'until their user removes them',
    personal: "the card's brand and last digits: as long as the row",
  },
  wallets: { kept: 'for ever: a row for each user who ever had a card', personal: 'nothing but whose they are' },
  idempotency_keys: {
    kept: '48 hours, longer than the day that clients may count on',
    personal: 'the answer: as long as the row',
    sweeps: sweptAfter(2, { since: 'create_time' }),
  },
  ledger_transfers: LEDGER,
  ledger_postings: LEDGER,
  ledger_pending: LEDGER,
  ledger_balances: LEDGER,
  ledger_open_pending: { kept: 'until the pending transfer ends', personal: 'nothing' },
  webhook_owners: { kept: 'for ever: a row for each owner who ever had an endpoint', personal: 'nothing but an id' },
  webhook_secrets: {
    kept: 'until another has replaced them',
    personal: 'nothing',
    sweeps: sweptAfter(0, { since: 'expire_time' }),
  },
  webhook_deliveries: {
    kept: '30 days',
    personal: 'nothing',
    sweeps: sweptAfter(30, { since: 'create_time', where: "state <> 'pending'" }),
  },
  // A replay of the last day goes on for three days and a half, and needs its event.
  webhook_events: {
    kept: '35 days',
    personal: 'who bought and who paid, as ids: as long as the row',
    sweeps: sweptAfter(35, { since: 'create_time' }),
  },
  webhook_endpoints: {
    kept: '30 days after they are deleted',
    personal: 'whose they are, and the URL: as long as the row',
    sweeps: sweptAfter(30, { since: 'delete_time' }),
  },
  feed_cursors: { kept: 'for ever: a row for each list that is followed', personal: 'nothing' },
  migration_steps: { kept: 'for ever: a row for each statement of a migration', personal: 'nothing' },
  migrations: { kept: 'for ever: a row for each version of the schema', personal: 'nothing' },
};
