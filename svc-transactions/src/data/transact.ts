import { currentCall } from '@malla/chassis/context';
import { retryDeadlocks } from '@malla/chassis/mysql-contention';
import type { Transact } from '../domain/ports.ts';
import type { Orm } from './orm.ts';

/**
 * Runs work in transactions, each with an EntityManager that has loaded nothing before. A call that was cancelled meanwhile is
 * rolled back instead of committed.
 */
export function createTransact({ em }: Orm): Transact {
  return (work) =>
    retryDeadlocks(() =>
      em.transactional(
        async () => {
          const result = await work();
          currentCall()?.signal.throwIfAborted();
          return result;
        },
        { clear: true },
      ),
    );
}
