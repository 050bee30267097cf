import { every } from '@malla/chassis/every';
import type { Logger } from '@malla/chassis/logger';
import { sweep, sweepDatabase } from '@malla/chassis/retention';
import { RequestContext } from '@mikro-orm/core';
import { createCatalogJobs } from '../data/catalog-jobs.ts';
import { createLogPurge, createSequencer } from '../data/catalog-log.ts';
import { createCatalogRetries } from '../data/catalog-retries.ts';
import type { Orm } from '../data/orm.ts';
import { RETENTION } from '../data/retention.ts';
import { expireOne } from '../domain/end-reservation.ts';
import type { CatalogUpkeep } from '../domain/ports.ts';
import type { ReservationDeps } from '../domain/reservation.ts';
import { type TakeoverWorkerDeps, takeoverWorker } from './takeovers.ts';

const EXPIRY_INTERVAL_MS = 1_000;
const QUEUE_INTERVAL_MS = 300;
const SWEEP_INTERVAL_MS = 1_000;
const SEQUENCE_INTERVAL_MS = 200;
const TAKEOVER_INTERVAL_MS = 2_000;
const PURGE_INTERVAL_MS = 600_000;

/**
 * Starts what runs without a request. Every replica does so: rows are locked with SKIP LOCKED, and nobody does the work of
 * another.
 * @param isReady whether this replica may work. Else its workers wait.
 * @returns how to stop; resolves when what runs has ended.
 */
export function startWorkers(
  orm: Orm,
  deps: ReservationDeps & TakeoverWorkerDeps & { readonly catalogUpkeep: CatalogUpkeep },
  isReady: () => Promise<boolean>,
  log: Logger,
): () => Promise<void> {
  const retries = createCatalogRetries(orm, deps.catalogUpkeep, deps.clock, log);
  const jobs = createCatalogJobs(orm, deps.transact, retries, deps.clock);
  const expiryFailed = (reservationId: string, error: unknown) =>
    log.error({ err: error, reservationId }, 'a reservation cannot be given back, and is put off');
  const sequence = createSequencer(orm);
  let stopped = false;
  const stopping = new AbortController();
  const purge = { database: sweepDatabase(orm.em), clock: deps.clock, signal: stopping.signal };
  /** Batch after batch, each with an EntityManager of its own, until there is none. */
  const drained = (work: () => Promise<boolean>) => async () => {
    while (!stopped && (await isReady()) && (await RequestContext.create(orm.em, work)));
  };
  const stops = [
    every(
      EXPIRY_INTERVAL_MS,
      'expiry of reservations',
      log,
      drained(() => expireOne(deps, expiryFailed)),
    ),
    every(QUEUE_INTERVAL_MS, 'upkeep after stock', log, drained(jobs.queued)),
    every(SWEEP_INTERVAL_MS, 'upkeep after prices', log, drained(jobs.duePrices)),
    every(SWEEP_INTERVAL_MS, 'upkeep after moves', log, drained(jobs.sweeps)),
    // At once: until then texts are not found as this release cuts them.
    every(SWEEP_INTERVAL_MS, 'upkeep after releases', log, drained(jobs.outdated), 0),
    every(SWEEP_INTERVAL_MS, 'upkeep that failed before', log, drained(jobs.retries)),
    every(
      SEQUENCE_INTERVAL_MS,
      'log of changes',
      log,
      drained(async () => (await sequence()) > 0),
    ),
    every(TAKEOVER_INTERVAL_MS, 'roles after takeovers', log, drained(takeoverWorker(orm, deps))),
    every(PURGE_INTERVAL_MS, 'purge of the log', log, drained(createLogPurge(orm, deps.clock))),
    every(PURGE_INTERVAL_MS, 'purge of tables', log, () => sweep(RETENTION, purge)),
  ];
  return async () => {
    stopped = true;
    stopping.abort();
    await Promise.all(stops.map((stop) => stop()));
  };
}
