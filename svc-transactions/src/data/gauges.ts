import type { GaugeSource } from '@malla/chassis/metrics';
import type { Clock } from '../domain/clock.ts';
import type { OperationKind } from '../domain/payments/provider.ts';
import type { PurchaseState } from '../domain/purchases/purchase.ts';
import type { OpenPurchases } from '../domain/purchases/stuck.ts';
import type { Orm } from './orm.ts';

const OPEN_STATES: readonly PurchaseState[] = [
  ...(['created', 'reserved', 'authorised', 'confirmed', 'cancelling', 'returning'] as const),
];

/** More is not counted: people are told long before, and a count costs what it counts. */
export const COUNT_MAX = 10_000;
const countOf = (table: string, index: string, column: string) =>
  `SELECT COUNT(*) AS count FROM (SELECT 1 FROM ${table} FORCE INDEX (${index}) WHERE ${column} IS NOT NULL
    LIMIT ${COUNT_MAX}) AS some`;

const OPERATION_KINDS: readonly OperationKind[] = ['authorise', 'capture', 'void', 'expire', 'refund'];
/** Those that were asked for in vain. A user who has not answered a challenge is no provider that does not tell. */
export const COUNT_UNKNOWN = `SELECT kind, COUNT(*) AS count FROM (SELECT kind FROM provider_operations
  FORCE INDEX (provider_operations_due) JOIN payments USING (payment_id)
  WHERE next_try_time IS NOT NULL AND attempts > 0 AND state <> 'requires-action' LIMIT ${COUNT_MAX}) AS some GROUP BY kind`;

/** What waits: each by an index alone, up to `COUNT_MAX`. */
export const WAITING: readonly { readonly name: string; readonly help: string; readonly sql: string }[] = [
  {
    name: 'malla_provider_operations_waiting',
    help: 'Operations of the provider that have not ended.',
    sql: countOf('provider_operations', 'provider_operations_due', 'next_try_time'),
  },
  {
    name: 'malla_provider_notifications_waiting',
    help: 'Notifications of the provider that were not acted upon.',
    sql: countOf('provider_notifications', 'provider_notifications_due', 'next_try_time'),
  },
  {
    name: 'malla_restocks_waiting',
    help: 'Refunds whose units are due back in stock.',
    sql: countOf('refunds', 'refunds_restock', 'restock_time'),
  },
  {
    name: 'malla_webhook_events_waiting',
    help: 'Events that were not handed to their webhook endpoints yet.',
    sql: countOf('webhook_events', 'webhook_events_due', 'due_time'),
  },
  {
    name: 'malla_webhook_deliveries_waiting',
    help: 'Deliveries to webhook endpoints that have not ended.',
    sql: countOf('webhook_deliveries', 'webhook_deliveries_expire', 'expire_time'),
  },
];

/** What waits in the database, and what does so for too long, for people to be told of. Every replica tells the same. */
export function createGauges(
  { em }: Orm,
  deps: { readonly openPurchases: OpenPurchases; readonly clock: Clock; readonly stuckAfterMs: number },
): GaugeSource[] {
  const waiting = WAITING.map(({ name, help, sql }) => ({
    ...{ name, help },
    read: async () => {
      const rows = await em.fork().execute<{ count: number }[]>(sql);
      return [{ value: Number(rows[0]?.count ?? 0) }];
    },
  }));
  const stuck: GaugeSource = {
    name: 'malla_purchases_stuck',
    help: 'Purchases that should have ended by now, by state.',
    labelNames: ['state'],
    read: async () => {
      const createdBefore = new Date(deps.clock.now().getTime() - deps.stuckAfterMs);
      const counts = await deps.openPurchases.count(createdBefore);
      return OPEN_STATES.map((state) => ({ labels: { state }, value: counts.get(state) ?? 0 }));
    },
  };
  const unknown: GaugeSource = {
    name: 'malla_payments_outcome_unknown',
    help: 'Operations of which the provider does not tell what became, by kind.',
    labelNames: ['kind'],
    read: async () => {
      const rows = await em.fork().execute<{ kind: OperationKind; count: number }[]>(COUNT_UNKNOWN);
      const counts = new Map(rows.map(({ kind, count }) => [kind, Number(count)]));
      return OPERATION_KINDS.map((kind) => ({ labels: { kind }, value: counts.get(kind) ?? 0 }));
    },
  };
  return [stuck, unknown, ...waiting];
}
