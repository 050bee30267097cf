import { LRUCache } from 'lru-cache';

/** Bounds how often something is done a second for one client. */
export interface Pace {
  /**
   * Counts one time.
   * @param client its address at the edge.
   * @returns how long the next time has to wait, in milliseconds; 0 when the client is within its rate.
   */
  spend(client: string): number;
  /** Takes back one time that was counted and has not been done. */
  giveBack(client: string): void;
}

/** A client may do at once what its rate allows in this time. */
const BURST_MS = 1_000;
const CLIENTS_MAX = 10_000;

/**
 * A rate for each client. It delays and never refuses: for what has to be done, and takes a process when it is done as fast as a
 * client wants. The rate is that of the generic cell rate algorithm (ITU-T I.371): each time moves the moment at which the next
 * one conforms.
 */
export function createPace(perSecondMax: number): Pace {
  const intervalMs = 1_000 / perSecondMax;
  const conformTimes = new LRUCache<string, number>({ max: CLIENTS_MAX });
  return {
    spend: (client) => {
      const now = performance.now();
      const conformTime = Math.max(conformTimes.get(client) ?? 0, now) + intervalMs;
      conformTimes.set(client, conformTime);
      return Math.max(0, conformTime - now - BURST_MS);
    },
    giveBack: (client) => {
      const conformTime = conformTimes.get(client);
      if (conformTime !== undefined) conformTimes.set(client, conformTime - intervalMs);
    },
  };
}
