import type { Logger } from '@malla/chassis/logger';
import { plus } from '../domain/clock.ts';
import { type DeliverDeps, deliverTurn, type Turn, type Turns } from '../domain/webhooks/deliver.ts';
import { ownerIdOf } from '../domain/webhooks/endpoint.ts';
import { createLingering } from './lingering.ts';
import type { Job } from './slots.ts';

/** Within so many times the longest try a turn is over, or its taker dead. */
const LEASE_TIMEOUTS = 2;
/** How long a turn holds a slot. An endpoint that takes longer is waited for without one, and delays nobody. */
const SLOT_MS = 500;
/** How many turns go on without a slot at once. */
const LINGERING_MAX = 192;
/** How many slots one owner may hold, however many endpoints it has, and only while nobody else is due for the second. */
const OWNER_SLOTS_MAX = 8;

export interface WebhookWorkerDeps extends DeliverDeps {
  readonly turns: Turns;
  /** How long one try may take, in milliseconds. */
  readonly webhookTimeoutMs: number;
}

/**
 * Gives endpoints that are due their turns.
 * @returns how to take one for a slot, and what resolves when all turns are over.
 */
export function webhookWorker(deps: WebhookWorkerDeps, log: Logger) {
  const lingering = createLingering({ slotMs: SLOT_MS, lingeringMax: LINGERING_MAX });
  const give = async (turn: Turn, signal: AbortSignal) => {
    const { endpointId } = turn.endpoint;
    const reason = await deliverTurn(turn, signal, deps);
    if (reason) log.warn({ endpointId, reason }, 'a webhook endpoint was disabled');
  };
  const guarded = (turn: Turn) => (signal: AbortSignal) =>
    give(turn, signal).catch((error: unknown) => log.error({ err: error }, 'a turn of a webhook endpoint failed'));
  const take = async (passedOver: readonly string[]): Promise<Turn | undefined> => {
    const now = deps.clock.now();
    return deps.turns.take(now, plus(now, LEASE_TIMEOUTS * deps.webhookTimeoutMs), passedOver);
  };
  return {
    take: async (): Promise<Job | undefined> => {
      const holders = [...lingering.holders];
      const full = holders.filter(([, held]) => held >= OWNER_SLOTS_MAX);
      const idsOf = (some: typeof holders) => some.map(([ownerId]) => ownerId);
      // Who has no slot comes first.
      const turn = (await take(idsOf(holders))) ?? (holders.length > full.length ? await take(idsOf(full)) : undefined);
      return turn && (() => lingering.run(ownerIdOf(turn.endpoint.owner), guarded(turn)));
    },
    idle: lingering.idle,
  };
}
