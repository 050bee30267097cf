import { LRUCache } from 'lru-cache';

/** Bounds how often something is done a second for one client. */
export interface Pace {
  /**
   * Counts one time.
   * @param client its address at the edge.
   * @param weight how many times this one counts as. Default: 1.
   * @returns how long the next time has to wait, in milliseconds; 0 when the client is within its rate.
   */
  spend(client: string, weight?: number): number;
  /** Takes back what was counted and has not been done. */
  giveBack(client: string, weight?: number): void;
}

const BURST_MS = 1_000;
const CLIENTS_MAX = 10_000;

/**
 * A rate for each client. It delays and never refuses: for what has to be done, and takes a process when it is done as fast as a
 * client wants. The rate is that of the generic cell rate algorithm (ITU-T I.371): each time moves the moment at which the next
 * one conforms.
 * @param burstMs a client may do at once what its rate allows in this time. Default: a second.
 */
export function createPace(perSecondMax: number, burstMs = BURST_MS): Pace {
  const intervalMs = 1_000 / perSecondMax;
  const conformTimes = new LRUCache<string, number>({ max: CLIENTS_MAX });
  return {
    spend: (client, weight = 1) => {
      const now = performance.now();
      const conformTime = Math.max(conformTimes.get(client) ?? 0, now) + weight * intervalMs;
      conformTimes.set(client, conformTime);
      return Math.max(0, conformTime - now - burstMs);
    },
    giveBack: (client, weight = 1) => {
      const conformTime = conformTimes.get(client);
      if (conformTime !== undefined) conformTimes.set(client, conformTime - weight * intervalMs);
    },
  };
}
