import { sweep, sweepDatabase } from '@malla/chassis/retention';
import type { Clock } from '../domain/clock.ts';
import type { Orm } from './orm.ts';
import { RETENTION } from './retention.ts';

/** Ends what has had its time, by the retention plan. @throws what a statement has thrown, after all others ran. */
export function createPurge(orm: Orm, clock: Clock): (signal?: AbortSignal) => Promise<void> {
  const database = sweepDatabase(orm.em);
  return (signal) => sweep(RETENTION, { database, clock, ...(signal && { signal }) });
}
