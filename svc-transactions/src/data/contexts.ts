import { currentCall, runOutsideCalls } from '@malla/chassis/context';
import { orUnavailable } from '@malla/chassis/mysql-outage';
import { RequestContext } from '@mikro-orm/core';
import type { Orm } from './orm.ts';

/**
 * Runs work that goes on when the call that began it is over, with an EntityManager of its own: one made from the call's would
 * end its queries with the call.
 */
export function detached({ em }: Orm) {
  return <Result>(work: () => Promise<Result>): Promise<Result> =>
    runOutsideCalls(() => RequestContext.create(em.fork({ disableContextResolution: true }), work));
}

/** Runs work with an EntityManager of its own, whose queries end when the call is aborted. */
export function inDatabase({ em }: Orm) {
  return <Result>(work: () => Promise<Result>): Promise<Result> => {
    const signal = currentCall()?.signal;
    const options = signal && ({ signal, inflightQueryAbortStrategy: 'cancel query' } as const);
    return orUnavailable(() => RequestContext.create(em, work, options));
  };
}
