import type { Clock } from '../clock.ts';
import { plus } from '../clock.ts';
import type { Transact } from '../ports.ts';
import { afterTry, type Delivery, type TryOutcome } from './delivery.ts';
import { afterTurn, type DisabledReason, type WebhookEndpoint } from './endpoint.ts';
import type { Deliveries, DeliveryView, SealedSecret, SecretVault, Send, WebhookEndpoints } from './ports.ts';

/** What is sent to one endpoint now. */
export interface Turn {
  readonly endpoint: WebhookEndpoint;
  readonly secrets: readonly SealedSecret[];
  readonly due: readonly DeliveryView[];
}

export interface Turns {
  /**
   * Takes the endpoint whose turn has been due the longest, and gives it no other before `leaseTime`: should its taker die,
   * somebody else takes it then.
   * @param passedOver the ids of owners whose endpoints are not taken.
   */
  take(now: Date, leaseTime: Date, passedOver: readonly string[]): Promise<Turn | undefined>;
}

export interface DeliverDeps {
  readonly transact: Transact;
  readonly endpoints: WebhookEndpoints;
  readonly deliveries: Deliveries;
  readonly vault: SecretVault;
  readonly send: Send;
  readonly clock: Clock;
}

/** Between turns of an endpoint that fails, whatever it is to be sent. One that hangs takes little of our time so. */
const HOLD_MS = { min: 1_000, max: 600_000 };
/** An endpoint that answers slowly is left alone for four times as long as it took, so that it takes a fifth of our time at most. */
const SLOW = { ms: 1_000, times: 4 };
/** An endpoint that asks for patience is left alone, with all its deliveries, but not for more than this. */
const RETRY_AFTER_MAX_MS = 3_600_000;
const GONE = 410;

/**
 * Sends what is due to one endpoint, all at once, and writes down what became of it.
 * @param signal gives up what has no answer yet.
 * @returns why the endpoint was disabled by that; empty when it was not.
 */
export async function deliverTurn(
  { endpoint, secrets, due }: Turn,
  signal: AbortSignal,
  deps: DeliverDeps,
): Promise<DisabledReason> {
  const { endpointId, url } = endpoint;
  const opened = await Promise.all(secrets.map(({ sealed }) => deps.vault.open(sealed, endpointId)));
  const begun = performance.now();
  const tried = await Promise.all(
    due.map(async ({ delivery, body }) => {
      const outcome = await deps.send({ url, eventId: delivery.eventId, body, secrets: opened }, signal);
      return { outcome, delivery: afterTry(delivery, outcome, deps.clock.now()) };
    }),
  );
  const tookMs = performance.now() - begun;
  return deps.transact(() => endTurn(endpointId, { tried, tookMs }, deps));
}

interface TurnEnd {
  readonly tried: readonly { readonly outcome: TryOutcome; readonly delivery: Delivery }[];
  /** How long the slowest answer took, in milliseconds. */
  readonly tookMs: number;
}

async function endTurn(endpointId: string, end: TurnEnd, deps: DeliverDeps): Promise<DisabledReason> {
  const { tried } = end;
  const endpoint = await deps.endpoints.lock(endpointId);
  if (!endpoint) return '';
  await deps.deliveries.save(tried.map(({ delivery }) => delivery));
  const now = deps.clock.now();
  const ended =
    tried.length === 0 ? { ...endpoint, holdTime: now } : afterTurn(endpoint, outcomeOf(endpoint, end, now), now);
  await deps.endpoints.save(ended);
  return endpoint.disabledReason === '' ? ended.disabledReason : '';
}

function outcomeOf({ failures }: WebhookEndpoint, { tried, tookMs }: TurnEnd, now: Date) {
  const succeeded = tried.some(({ outcome }) => outcome.error === '');
  const gone = tried.some(({ outcome }) => outcome.status === GONE);
  const askedMs = Math.max(...tried.map(({ outcome }) => outcome.retryAfterMs ?? 0));
  const ownMs = succeeded ? 0 : Math.min(HOLD_MS.max, HOLD_MS.min * 2 ** failures);
  const slowMs = tookMs > SLOW.ms ? SLOW.times * tookMs : 0;
  const holdMs = Math.max(ownMs, slowMs, Math.min(askedMs, RETRY_AFTER_MAX_MS));
  return { succeeded, gone, holdTime: plus(now, holdMs) };
}
