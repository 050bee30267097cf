import type { Clock } from '../../domain/clock.ts';
import { plus } from '../../domain/clock.ts';
import type { Orm } from '../orm.ts';

const ROWS_MAX = 1_000;
const DAY_MS = 86_400_000;
/** A replay of the last day goes on for three days and a half, and needs its event. */
const KEPT_DAYS = { deliveries: 30, events: 35, endpoints: 30 };

const EXPIRE = `UPDATE webhook_deliveries SET state = 'failed', last_error = IF(last_error = '', 'EXPIRED', last_error),
  next_try_time = NULL, expire_time = NULL WHERE expire_time <= ? LIMIT ${ROWS_MAX}`;
const PURGES = {
  deliveries: `DELETE FROM webhook_deliveries WHERE create_time < ? AND state <> 'pending' LIMIT ${ROWS_MAX}`,
  events: `DELETE FROM webhook_events WHERE create_time < ? LIMIT ${ROWS_MAX}`,
  endpoints: `DELETE FROM webhook_endpoints WHERE delete_time < ? LIMIT ${ROWS_MAX}`,
} as const;
const PURGE_SECRETS = `DELETE FROM webhook_secrets WHERE expire_time <= ? LIMIT ${ROWS_MAX}`;

/** Gives up what could not be tried in time, and forgets what is old. @returns whether there may be more. */
export function createWebhookPurge({ em }: Orm, clock: Clock): () => Promise<boolean> {
  const run = async (sql: string, time: Date) =>
    (await em.execute<{ affectedRows: number }>(sql, [time], 'run')).affectedRows === ROWS_MAX;
  return async () => {
    const now = clock.now();
    const before = (days: number) => plus(now, -days * DAY_MS);
    const more = [
      await run(EXPIRE, now),
      await run(PURGE_SECRETS, now),
      await run(PURGES.deliveries, before(KEPT_DAYS.deliveries)),
      await run(PURGES.events, before(KEPT_DAYS.events)),
      await run(PURGES.endpoints, before(KEPT_DAYS.endpoints)),
    ];
    return more.includes(true);
  };
}
