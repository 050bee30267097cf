import { currentCall } from '@malla/chassis/context';
import { DeadlockException, LockWaitTimeoutException } from '@mikro-orm/core';
import type { Transact } from '../domain/ports.ts';
import type { Orm } from './orm.ts';

const TRIES_MAX = 4;

/**
 * Runs work in transactions of READ COMMITTED, which lock no gaps. What MySQL rolls back for a deadlock is tried again with a
 * fresh EntityManager. A call that was cancelled meanwhile is rolled back instead of committed.
 */
export function createTransact({ em }: Orm): Transact {
  return async (work) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await em.transactional(
          async () => {
            const result = await work();
            currentCall()?.signal.throwIfAborted();
            return result;
          },
          { isolationLevel: 'read committed', clear: true },
        );
      } catch (error) {
        if (!isTransient(error) || attempt === TRIES_MAX || currentCall()?.signal.aborted) throw error;
      }
    }
  };
}

function isTransient(error: unknown): boolean {
  return error instanceof DeadlockException || error instanceof LockWaitTimeoutException;
}
