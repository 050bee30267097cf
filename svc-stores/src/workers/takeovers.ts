import { createFeedCursor, follow } from '@malla/chassis/follow';
import type { Orm } from '../data/orm.ts';
import type { Transact } from '../domain/ports.ts';
import { endRoles, type Takeover, type TakeoverDeps } from '../domain/takeover.ts';

export interface TakeoverWorkerDeps extends TakeoverDeps {
  readonly transact: Transact;
  /** The takeovers after a position, in order. */
  readonly listTakeovers: (after: bigint) => Promise<readonly Takeover[]>;
}

/** Follows the takeovers of accounts. @returns whether there were any. */
export function takeoverWorker({ em }: Orm, deps: TakeoverWorkerDeps): () => Promise<boolean> {
  const cursor = createFeedCursor(em, 'takeovers/roles');
  const prepare = async (takeover: Takeover) => () => endRoles(takeover, deps);
  return () => follow({ cursor, transact: deps.transact, read: deps.listTakeovers, prepare });
}
