import { IsolationLevel } from '@mikro-orm/core';
import type { Snapshot } from '../domain/ports.ts';
import type { Orm } from './orm.ts';

/** Every query of `work` sees the database as it was when the first one began. */
export function createSnapshot({ em }: Orm): Snapshot {
  return (work) =>
    em.transactional(work, { isolationLevel: IsolationLevel.REPEATABLE_READ, readOnly: true, clear: true });
}
