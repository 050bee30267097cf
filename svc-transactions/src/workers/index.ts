import type { Logger } from '@malla/chassis/logger';
import { RequestContext } from '@mikro-orm/core';
import type { Orm } from '../data/orm.ts';
import type { Clock } from '../domain/clock.ts';
import type { Ledger } from '../domain/ledger/transfer.ts';
import type { VerifyLedger } from '../domain/ledger/verify.ts';
import type { Transact } from '../domain/ports.ts';
import { every } from './every.ts';

const EXPIRY_INTERVAL_MS = 5_000;
const VERIFY_INTERVAL_MS = 3_600_000;

export interface WorkerDeps {
  readonly transact: Transact;
  readonly ledger: Ledger;
  readonly verifyLedger: VerifyLedger;
  readonly clock: Clock;
}

/**
 * Starts what runs without a request. Every replica does so: rows are locked with SKIP LOCKED, and nobody does the work of
 * another.
 * @returns how to stop; resolves when what runs has ended.
 */
export function startWorkers(orm: Orm, deps: WorkerDeps, log: Logger): () => Promise<void> {
  let stopped = false;
  /** One after another, each with an EntityManager of its own, until there is none. */
  const drained = (work: () => Promise<boolean>) => async () => {
    while (!stopped && (await RequestContext.create(orm.em, work)));
  };
  const expire = () => deps.transact(() => deps.ledger.expireOne(deps.clock.now()));
  const verify = async () => {
    const { faults } = await RequestContext.create(orm.em, deps.verifyLedger);
    for (const { kind, subject, expectedMinor, actualMinor } of faults) {
      log.error(
        { kind, subject, expected: `${expectedMinor}`, actual: `${actualMinor}` },
        'the ledger does not add up',
      );
    }
  };
  const stops = [
    every(EXPIRY_INTERVAL_MS, 'expiry of pending transfers', log, drained(expire)),
    every(VERIFY_INTERVAL_MS, 'verification of the ledger', log, verify),
  ];
  return async () => {
    stopped = true;
    await Promise.all(stops.map((stop) => stop()));
  };
}
