import { DomainError } from '../lib/errors.ts';
import type { Logger } from '../observe/logger.ts';
import type { GaugeSource } from '../observe/metrics.ts';

/**
 * The time of the database that the replicas of a service share. Leases, holds and due times that one replica writes and
 * another reads go by it, and not by the clock of the machine that happens to run a replica.
 */
export interface DatabaseClock {
  /** The database's time. Before the first measurement it is the machine's, which `ready` lets nobody work by. */
  now(): Date;
  /** Asks the database for its time. @throws what the database does. */
  measure(): Promise<void>;
  /**
   * Resolves when this replica may work. Asks the database first when it never did, or when the machine slept since.
   * @throws DomainError `unavailable` (CLOCK_OFF) when the machine's clock is too far from the database's, and what
   *   `measure` throws.
   */
  ready(): Promise<void>;
  /** The same as a question, for workers that just wait. @throws what `measure` throws. */
  isReady(): Promise<boolean>;
  /** `malla_clock_offset_seconds`: how far the machine's clock is ahead of the database's. */
  readonly gauge: GaugeSource;
}

export interface DatabaseClockOptions {
  /** Asks the database for its time: `UTC_TIMESTAMP(3)`. */
  readonly readTime: () => Promise<Date>;
  readonly log: Logger;
  /** The machine's clock in milliseconds of the epoch. Default: `Date.now`. */
  readonly machineMs?: () => number;
}

interface Measurement {
  /** The database's time in milliseconds of the epoch, at the moments `machineMs` and `steadyMs` of this process. */
  readonly databaseMs: number;
  readonly machineMs: number;
  readonly steadyMs: number;
  /** The database's time may be wrong by so much: half of what the question took. */
  readonly errorMs: number;
}

/** A machine whose clock is further off than this is broken, and other things on it will be wrong as well. */
const OFFSET_MS_MAX = 5_000;
/** A question that took longer, as the first on a new connection, is asked once more. */
const ERROR_MS_GOOD = 50;

/**
 * Makes the clock of a database. Between two measurements it runs by the process's steady clock: setting the machine's
 * clock does not move it.
 */
export function createDatabaseClock({ readTime, log, machineMs = Date.now }: DatabaseClockOptions): DatabaseClock {
  let last: Measurement | undefined;
  let wasOff = false;

  const measure = async () => {
    const first = await ask(readTime, machineMs);
    const second = first.errorMs > ERROR_MS_GOOD ? await ask(readTime, machineMs) : first;
    last = second.errorMs < first.errorMs ? second : first;
    const isOff = offsetMs(last) > OFFSET_MS_MAX;
    const line = { offsetMs: Math.round(last.machineMs - last.databaseMs), offsetMsMax: OFFSET_MS_MAX };
    if (isOff && !wasOff) log.error(line, "the machine's clock is off the database's: no work until it is set");
    if (!isOff && wasOff) log.info(line, "the machine's clock is right again");
    wasOff = isOff;
  };
  const isReady = async () => {
    if (!last || hasSlept(last, machineMs())) await measure();
    return !wasOff;
  };
  return {
    measure,
    isReady,
    now: () => new Date(last ? last.databaseMs + performance.now() - last.steadyMs : machineMs()),
    ready: async () => {
      if (!(await isReady())) throw clockOff();
    },
    gauge: {
      name: 'malla_clock_offset_seconds',
      help: "How far the machine's clock is ahead of the database's.",
      ageMsMax: 0,
      read: async () => (last ? [{ value: (last.machineMs - last.databaseMs) / 1_000 }] : []),
    },
  };
}

/** A clock that tests move, in place of a database's. It is always right. */
export function fixedClock(clock: { now(): Date }): DatabaseClock {
  return {
    now: () => clock.now(),
    measure: async () => undefined,
    ready: async () => undefined,
    isReady: async () => true,
    gauge: { name: 'malla_clock_offset_seconds', help: 'Always 0: the clock is fixed.', read: async () => [] },
  };
}

async function ask(readTime: () => Promise<Date>, machineMs: () => number): Promise<Measurement> {
  const [askedMs, askedSteadyMs] = [machineMs(), performance.now()];
  const databaseMs = (await readTime()).getTime();
  const errorMs = (performance.now() - askedSteadyMs) / 2;
  return { databaseMs, machineMs: askedMs + errorMs, steadyMs: askedSteadyMs + errorMs, errorMs };
}

/** By how much the clocks differ for sure. */
function offsetMs({ machineMs, databaseMs, errorMs }: Measurement): number {
  return Math.abs(machineMs - databaseMs) - errorMs;
}

/** Whether the machine slept, during which its steady clock stood, or had its clock set. */
function hasSlept({ machineMs, steadyMs }: Measurement, nowMs: number): boolean {
  return Math.abs(nowMs - machineMs - (performance.now() - steadyMs)) > OFFSET_MS_MAX;
}

function clockOff(): DomainError {
  const message = 'The service cannot work now: the clock of its machine is wrong.';
  return new DomainError('unavailable', 'CLOCK_OFF', message, { retryAfterMs: 5_000 });
}
