import type { Clock } from '../../domain/clock.ts';
import type { Orm } from '../orm.ts';

const ROWS_MAX = 500;
export const EXPIRE_DELIVERIES = `UPDATE webhook_deliveries SET state = 'failed',
  last_error = IF(last_error = '', 'EXPIRED', last_error), next_try_time = NULL, expire_time = NULL
  WHERE expire_time <= ? ORDER BY expire_time LIMIT ${ROWS_MAX}`;

/** Gives up deliveries that could not be tried in time. @returns whether there may be more. */
export function createDeliveryExpiry({ em }: Orm, clock: Clock): () => Promise<boolean> {
  return async () => {
    const { affectedRows } = await em.execute<{ affectedRows: number }>(EXPIRE_DELIVERIES, [clock.now()], 'run');
    return affectedRows === ROWS_MAX;
  };
}
