import type { Logger } from '@malla/chassis/logger';
import { DeadlockException, LockWaitTimeoutException } from '@mikro-orm/core';
import type { Clock } from '../domain/clock.ts';
import type { CatalogUpkeep } from '../domain/ports.ts';
import { laterBy } from './backoff.ts';
import { readId, readTime } from './columns.ts';
import type { Orm } from './orm.ts';

/** The next one, whether its time has come or not. */
export const LOCK_RETRY = `SELECT product_id, retry_time FROM catalog_retries
  ORDER BY retry_time LIMIT 1 FOR UPDATE SKIP LOCKED`;
const PUT_OFF = `INSERT INTO catalog_retries (product_id, attempts, retry_time) VALUES (?, 1, ${laterBy('1')})
  ON DUPLICATE KEY UPDATE retry_time = ${laterBy('attempts + 1')}, attempts = attempts + 1`;
/** Its entry is made anew by the retry, with the time at which its price changes next. */
const FORGET_PRICE_TIME = 'UPDATE catalog SET next_price_time = NULL WHERE product_id = ?';

/** Makes entries anew within a transaction, and puts off those that fail: none holds up the others. */
export interface CatalogRetries {
  refresh(productIds: readonly Buffer[]): Promise<void>;
  /** Tries one again whose time has come. @returns false when there is none. */
  retry(): Promise<boolean>;
}

export function createCatalogRetries({ em }: Orm, upkeep: CatalogUpkeep, clock: Clock, log: Logger): CatalogRetries {
  /** @returns why it failed, with nothing done. @throws what MySQL rolled back: that is for the whole transaction to repeat. */
  const attempt = async (productIds: readonly Buffer[]): Promise<{ readonly error: unknown } | undefined> => {
    await em.execute('SAVEPOINT refreshing');
    try {
      await upkeep.refresh(productIds.map((id) => readId('prod', id)));
      return undefined;
    } catch (error) {
      if (error instanceof DeadlockException || error instanceof LockWaitTimeoutException) throw error;
      await em.execute('ROLLBACK TO SAVEPOINT refreshing');
      return { error };
    }
  };
  const putOff = async (productId: Buffer, error: unknown) => {
    log.error({ err: error, productId: readId('prod', productId) }, 'a catalogue entry cannot be made, and is put off');
    const now = clock.now();
    await em.execute(PUT_OFF, [productId, now, now]);
    await em.execute(FORGET_PRICE_TIME, [productId]);
  };
  const refresh = async (productIds: readonly Buffer[]): Promise<void> => {
    const failure = await attempt(productIds);
    const [first, ...more] = productIds;
    if (!failure || !first) return;
    if (more.length === 0) return putOff(first, failure.error);
    const half = productIds.length >> 1;
    await refresh(productIds.slice(0, half));
    await refresh(productIds.slice(half));
  };
  return {
    refresh: (productIds) => refresh(productIds.toSorted(Buffer.compare)),
    retry: async () => {
      const [next] = await em.execute<{ product_id: Buffer; retry_time: string }[]>(LOCK_RETRY);
      if (!next || readTime(next.retry_time) > clock.now()) return false;
      const failure = await attempt([next.product_id]);
      if (failure) await putOff(next.product_id, failure.error);
      else await em.execute('DELETE FROM catalog_retries WHERE product_id = ?', [next.product_id]);
      return true;
    },
  };
}
