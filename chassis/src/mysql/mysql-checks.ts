import type { ReadinessCheck } from '../server/health.ts';
import type { DatabaseClock } from './database-clock.ts';
import { answeredWithin } from './mysql-silence.ts';

/** Runs a statement outside of any transaction, and resolves to its rows. */
export type ExecuteSql = (sql: string) => Promise<unknown>;

const TIME = 'SELECT UTC_TIMESTAMP(3) AS now';
/**
 * A write that changes nothing: MySQL refuses it wherever it would refuse others, and logs nothing of it. The table is the
 * one that migrations are noted in, which every service has.
 */
const WRITE = 'DELETE FROM migrations WHERE 1 = 0';

/** Less than a check may take (5 s): a server that is silent is left by the check that meets it. */
const ANSWER_MS_MAX = 3_000;

/** Asks MySQL for its time. @throws what the driver does. */
export async function readMysqlTime(execute: ExecuteSql): Promise<Date> {
  const [row] = (await execute(TIME)) as { now: string }[];
  if (!row) throw new Error('MySQL has no time');
  return new Date(`${row.now.replace(' ', 'T')}Z`);
}

/** What a service needs of MySQL to be ready: that it tells the time, which is the machine's as well, and takes writes. */
export function mysqlReadiness(execute: ExecuteSql, clock: DatabaseClock): ReadinessCheck {
  return () =>
    answeredWithin(ANSWER_MS_MAX, async () => {
      await clock.measure();
      await execute(WRITE);
      await clock.ready();
    });
}
