import type { Logger } from '@malla/chassis/logger';
import { plus } from '../domain/clock.ts';
import { type DeliverDeps, deliverTurn, type Turn, type Turns } from '../domain/webhooks/deliver.ts';
import type { Job } from './slots.ts';

/** Within so many times the longest try a turn is over, or its taker dead. */
const LEASE_TIMEOUTS = 2;

export interface WebhookWorkerDeps extends DeliverDeps {
  readonly turns: Turns;
  /** How long one try may take, in milliseconds. */
  readonly webhookTimeoutMs: number;
}

/** Takes an endpoint that is due, to be sent what it is due. */
export function webhookWorker(deps: WebhookWorkerDeps, log: Logger): () => Promise<Job | undefined> {
  const give = async (turn: Turn) => {
    const { endpointId } = turn.endpoint;
    const reason = await deliverTurn(turn, deps);
    if (reason) log.warn({ endpointId, reason }, 'a webhook endpoint was disabled');
  };
  return async () => {
    const now = deps.clock.now();
    const turn = await deps.turns.take(now, plus(now, LEASE_TIMEOUTS * deps.webhookTimeoutMs));
    return turn && (() => give(turn));
  };
}
