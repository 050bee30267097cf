import { DomainError } from '@malla/chassis/errors';
import type { Orm } from './orm.ts';

/**
 * Does a part of a transaction that may be refused: what it wrote until a DomainError is undone, and the rest of the
 * transaction goes on. Not for parts within parts.
 */
export function createSavepoint({ em }: Orm) {
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await em.execute('SAVEPOINT part');
    try {
      return await work();
    } catch (error) {
      if (error instanceof DomainError) await em.execute('ROLLBACK TO SAVEPOINT part');
      throw error;
    }
  };
}
