import { every } from '@malla/chassis/every';
import { createFailureLog } from '@malla/chassis/failure-log';
import type { Logger } from '@malla/chassis/logger';
import { deliverOne, takeOne } from '@malla/chassis/outbox';
import { RequestContext } from '@mikro-orm/core';
import type { Orm } from '../data/orm.ts';
import type { createNotifications, WaitingNotification } from '../data/payments/notifications.repository.ts';
import type { OperationQueue } from '../data/payments/operations.repository.ts';
import type { PurchaseQueue } from '../data/purchases/purchases.repository.ts';
import { createPurge } from '../data/purge.ts';
import { createDeliveryExpiry } from '../data/webhooks/expire.ts';
import { attempt, putOff } from '../domain/payments/attempt.ts';
import { actUpon } from '../domain/payments/notifications.ts';
import type { Operations } from '../domain/payments/ports.ts';
import type { Operation } from '../domain/payments/provider.ts';
import { expireOne } from '../domain/payments/upkeep.ts';
import { advance } from '../domain/purchases/advance.ts';
import type { PurchaseDeps, Purchases } from '../domain/purchases/ports.ts';
import type { RestockQueue } from '../domain/purchases/restock.ts';
import { restockWorker } from './restocks.ts';
import { type Job, startSlots } from './slots.ts';
import { type TakeoverWorkerDeps, takeoverWorkers } from './takeovers.ts';
import type { Verification } from './verification.ts';
import { type WebhookWorkerDeps, webhookWorker } from './webhooks.ts';

const QUEUE_INTERVAL_MS = 200;
const EXPIRY_INTERVAL_MS = 1_000;
const TAKEOVER_INTERVAL_MS = 2_000;
const PURGE_INTERVAL_MS = 600_000;
const DELIVERY_EXPIRY_INTERVAL_MS = 60_000;
/** How many webhook endpoints are sent to at once. */
const WEBHOOK_SLOTS = 32;
const SECRETS_CHECK_INTERVAL_MS = 3_600_000;
const OPERATION_BACKOFF_MS = { min: 1_000, max: 300_000 };
const NOTIFICATION_BACKOFF_MS = { min: 200, max: 3_600_000 };
/** After so many tries, which takes about ten minutes, people are told that an outcome is still unknown. */
const ALARM_ATTEMPTS = 9;

export interface WorkerDeps extends PurchaseDeps, WebhookWorkerDeps, TakeoverWorkerDeps {
  /** Hands events to the endpoints that want them, some at a time. @returns whether there were any. */
  readonly fanOut: (now: Date) => Promise<boolean>;
  readonly purchases: Purchases & PurchaseQueue;
  readonly operations: Operations & OperationQueue;
  readonly restocks: RestockQueue;
  /** How many webhook secrets no configured key opens. */
  readonly countUnreadableSecrets: () => Promise<number>;
  readonly notifications: ReturnType<typeof createNotifications>;
  readonly verification: Verification;
  readonly verifyIntervalMs: number;
  /** Within how many milliseconds of the start the ledger is verified for the first time. */
  readonly verifyFirstWithinMs: number;
  /** How many operations, purchases and returns to stock are worked on at once, of each. */
  readonly workerSlots: number;
}

/**
 * Starts what runs without a request. Every replica does so: rows are locked with SKIP LOCKED, and nobody does the work of
 * another.
 * @param isReady whether this replica may work. Else its workers wait.
 * @returns how to stop; resolves when what runs has ended.
 */
export function startWorkers(
  orm: Orm,
  deps: WorkerDeps,
  isReady: () => Promise<boolean>,
  log: Logger,
): () => Promise<void> {
  const stopping = new AbortController();
  const purge = createPurge(orm, deps.clock);
  const webhooks = webhookWorker(deps, log);
  const takeovers = takeoverWorkers(orm, deps);
  const inContext = <Result>(work: () => Promise<Result>) => RequestContext.create(orm.em, work);
  /** One after another, each with an EntityManager of its own, until there is none. */
  const drained = (work: () => Promise<boolean>) => async () => {
    while (!stopping.signal.aborted && (await isReady()) && (await inContext(work)));
  };
  const releasePending = () => deps.transact(() => deps.ledger.expireOne(deps.clock.now()));
  /** Several at once, where others are asked: one of those may hang. */
  const inSlots = (name: string, slotsMax: number, take: () => Promise<Job | undefined>) =>
    startSlots({ name, slotsMax, intervalMs: QUEUE_INTERVAL_MS, log }, async () => {
      const job = (await isReady()) ? await inContext(take) : undefined;
      return job && (() => inContext(job));
    });
  const stops = [
    inSlots('operations', deps.workerSlots, operationWorker(deps, log)),
    inSlots('purchases', deps.workerSlots, purchaseWorker(deps, log)),
    inSlots('restocks', deps.workerSlots, restockWorker(deps, log)),
    inSlots('webhooks', WEBHOOK_SLOTS, webhooks.take),
    every(QUEUE_INTERVAL_MS, 'notifications', log, drained(notificationWorker(deps, log))),
    every(
      EXPIRY_INTERVAL_MS,
      'expiry of authorisations',
      log,
      drained(() => expireOne(deps)),
    ),
    every(EXPIRY_INTERVAL_MS, 'expiry of pending transfers', log, drained(releasePending)),
    every(TAKEOVER_INTERVAL_MS, 'webhook endpoints after takeovers', log, drained(takeovers.endpoints)),
    every(TAKEOVER_INTERVAL_MS, 'payment methods after takeovers', log, drained(takeovers.methods)),
    every(PURGE_INTERVAL_MS, 'purge', log, () => purge(stopping.signal)),
    every(
      QUEUE_INTERVAL_MS,
      'fan-out of events',
      log,
      drained(() => deps.fanOut(deps.clock.now())),
    ),
    every(SECRETS_CHECK_INTERVAL_MS, 'check of webhook secrets', log, () => checkSecrets(deps, log), 0),
    every(DELIVERY_EXPIRY_INTERVAL_MS, 'expiry of deliveries', log, drained(createDeliveryExpiry(orm, deps.clock))),
    every(
      deps.verifyIntervalMs,
      'verification of the ledger',
      log,
      () => inContext(() => deps.verification.run(stopping.signal)),
      // Replicas that start together do not all do it at once.
      Math.random() * deps.verifyFirstWithinMs,
    ),
  ];
  return async () => {
    stopping.abort();
    await Promise.all(stops.map((stop) => stop()));
    await webhooks.idle();
  };
}

/** Says at the start, and every hour, when secrets cannot be decrypted: their endpoints would hear nothing, and nobody know. */
async function checkSecrets({ countUnreadableSecrets }: WorkerDeps, log: Logger): Promise<void> {
  const secrets = await countUnreadableSecrets();
  if (secrets > 0)
    log.error({ secrets }, 'no configured key decrypts webhook secrets: see KEY_ENCRYPTION_KEYS_PREVIOUS');
}

/** Asks providers until they tell: what a request did not hear, and what a replica left behind when it died. */
function operationWorker(deps: WorkerDeps, log: Logger): () => Promise<Job | undefined> {
  const failures = createFailureLog(log, 'the outcome of an operation is not known', { level: 'warn' });
  const store = {
    take: (now: Date, leaseTime: Date) => deps.transact(() => deps.operations.take(now, leaseTime)),
    // Whoever hears of an outcome settles it, and that ends the operation.
    done: async () => undefined,
    retry: async (operation: Operation, time: Date, cause: unknown) => {
      const { paymentId, kind, attempts } = operation;
      // One that is overdue is told each time it is tried, which is seldom by then.
      if (attempts >= ALARM_ATTEMPTS)
        log.error({ paymentId, kind, attempts, err: cause }, 'the outcome of an operation is not known');
      else failures.failed(cause, { paymentId, kind, attempts });
      await putOff(operation, time, deps);
    },
  };
  const deliver = async (operation: Operation) => {
    deps.reached('operation.taken');
    // Whoever began it may have asked, and died.
    await attempt({ ...operation, attempts: operation.attempts + 1 }, deps);
    await deps.purchaseOf.wake(operation.paymentId);
  };
  return () =>
    takeOne({ store, deliver, clock: deps.clock, leaseMs: deps.operationLeaseMs, backoffMs: OPERATION_BACKOFF_MS });
}

/** Goes on with purchases that wait, and with those whose replica died. One that fails is due again when its lease is over. */
function purchaseWorker(deps: WorkerDeps, log: Logger): () => Promise<Job | undefined> {
  const failures = createFailureLog(log, 'a step of a purchase could not be taken', { level: 'warn' });
  const goOn = async (purchaseId: string) => {
    deps.reached('purchase.taken');
    await advance(purchaseId, deps).catch((error: unknown) => failures.failed(error, { purchaseId }));
  };
  return async () => {
    const now = deps.clock.now();
    const leaseTime = new Date(now.getTime() + deps.operationLeaseMs);
    const purchaseId = await deps.transact(() => deps.purchases.take(now, leaseTime));
    return purchaseId === undefined ? undefined : () => goOn(purchaseId);
  };
}

function notificationWorker(deps: WorkerDeps, log: Logger): () => Promise<boolean> {
  const { notifications, clock } = deps;
  const failures = createFailureLog(log, 'a notification could not be acted upon', { level: 'warn' });
  const deliver = async (one: WaitingNotification) => {
    const { eventId, attempts } = one;
    const told = await read(one, deps, log);
    try {
      if (told) await actUpon(told, deps);
    } catch (error) {
      failures.failed(error, { event: eventId, attempts });
      throw error;
    }
  };
  const [leaseMs, backoffMs] = [deps.operationLeaseMs, NOTIFICATION_BACKOFF_MS];
  return () => deliverOne({ store: notifications, deliver, clock, leaseMs, backoffMs });
}

/** Reads a notification. What makes no sense now never will: it is kept with the reason, for people to look at, and has ended. */
async function read(one: WaitingNotification, { provider, notifications }: WorkerDeps, log: Logger) {
  try {
    return provider.read(one.body);
  } catch (error) {
    log.error({ event: one.eventId, err: error }, 'a notification makes no sense');
    await notifications.explain(one, error);
    return undefined;
  }
}
