import { every } from '@malla/chassis/every';
import type { Logger } from '@malla/chassis/logger';
import { plus } from '../domain/clock.ts';
import { type DeliverDeps, deliverTurn, type Turn, type Turns } from '../domain/webhooks/deliver.ts';

/** How many endpoints are sent to at once. */
const TURNS_MAX = 32;
/** Within so many times the longest try a turn is over, or its taker dead. */
const LEASE_TIMEOUTS = 2;

export interface WebhookWorkerDeps extends DeliverDeps {
  readonly turns: Turns;
  /** How long one try may take, in milliseconds. */
  readonly webhookTimeoutMs: number;
}

/**
 * Sends what endpoints are due, to many at once: one that is slow holds up nobody else.
 * @param inContext runs work with an EntityManager of its own.
 * @returns how to stop; resolves when all that was sent is written down.
 */
export function startWebhooks(
  intervalMs: number,
  deps: WebhookWorkerDeps,
  log: Logger,
  inContext: <Result>(work: () => Promise<Result>) => Promise<Result>,
): () => Promise<void> {
  const running = new Set<Promise<void>>();
  let stopped = false;
  const take = () => {
    const now = deps.clock.now();
    return inContext(() => deps.turns.take(now, plus(now, LEASE_TIMEOUTS * deps.webhookTimeoutMs)));
  };
  const give = async (turn: Turn) => {
    const { endpointId } = turn.endpoint;
    const reason = await inContext(() => deliverTurn(turn, deps));
    if (reason) log.warn({ endpointId, reason }, 'a webhook endpoint was disabled');
  };
  /** Goes on with other endpoints until there is none that is due. */
  const giveAll = async (first: Turn) => {
    for (let turn: Turn | undefined = first; turn; turn = stopped ? undefined : await take()) await give(turn);
  };
  const stopTaking = every(intervalMs, 'webhooks', log, async () => {
    while (!stopped && running.size < TURNS_MAX) {
      const turn = await take();
      if (!turn) return;
      const slot = giveAll(turn).catch((error: unknown) =>
        log.error({ err: error }, 'a turn of a webhook endpoint failed'),
      );
      running.add(slot);
      void slot.finally(() => running.delete(slot));
    }
  });
  return async () => {
    stopped = true;
    await stopTaking();
    await Promise.all(running);
  };
}
