import { DomainError } from '@malla/chassis/errors';
import { plus } from '../clock.ts';

export type DeliveryState = 'pending' | 'succeeded' | 'failed';

/** One event on its way to one endpoint. */
export interface Delivery {
  readonly endpointId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly state: DeliveryState;
  /** Since it was created or last replayed. */
  readonly attempts: number;
  readonly lastTryTime: Date | null;
  /** What the endpoint answered to the last try; 0 when it did not. */
  readonly lastStatus: number;
  readonly lastError: string;
  readonly nextTryTime: Date | null;
  /** When it is given up, tried or not. */
  readonly expireTime: Date | null;
  readonly createTime: Date;
}

/** What became of one try. */
export interface TryOutcome {
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Empty when it succeeded. */
  readonly error: string;
  /** What the endpoint asks for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];
/** From each try to the next, as Standard Webhooks has it: ten tries over three days. */
const RETRY_MS = [
  5_000,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR_MS),
] as const;
/** A random share of each wait is added, so that those who failed together part. */
const JITTER = 0.1;
/** An endpoint may ask for patience, but not for more than this. */
const RETRY_AFTER_MAX_MS = 24 * HOUR_MS;
/** Time for all tries, with all their jitter. */
const LIFETIME_MS = 84 * HOUR_MS;

/** When a delivery that is due now is given up. */
function expireTimeOf(now: Date): Date {
  return plus(now, LIFETIME_MS);
}

/** A delivery after a try. */
export function afterTry(delivery: Delivery, { status, error, retryAfterMs = 0 }: TryOutcome, now: Date): Delivery {
  const attempts = delivery.attempts + 1;
  const tried = { ...delivery, attempts, lastTryTime: now, lastStatus: status, lastError: error };
  const ended = { nextTryTime: null, expireTime: null };
  if (error === '') return { ...tried, ...ended, state: 'succeeded' };
  const plannedMs = RETRY_MS[attempts - 1];
  if (plannedMs === undefined) return { ...tried, ...ended, state: 'failed' };
  const waitMs = Math.max(plannedMs, Math.min(retryAfterMs, RETRY_AFTER_MAX_MS));
  return { ...tried, nextTryTime: plus(now, waitMs * (1 + Math.random() * JITTER)) };
}

/** A delivery that is due at once. */
export function newDelivery(endpointId: string, eventId: string, eventType: string, now: Date): Delivery {
  return {
    ...{ endpointId, eventId, eventType, state: 'pending', attempts: 0, lastTryTime: null, lastStatus: 0 },
    ...{ lastError: '', nextTryTime: now, expireTime: expireTimeOf(now), createTime: now },
  };
}

/** A delivery that is tried from the beginning. */
export function replayed(delivery: Delivery, now: Date): Delivery {
  return { ...delivery, state: 'pending', attempts: 0, nextTryTime: now, expireTime: expireTimeOf(now) };
}

export function deliveryNotFound(): DomainError {
  return new DomainError('not-found', 'WEBHOOK_DELIVERY_NOT_FOUND', 'There is no such delivery.');
}
