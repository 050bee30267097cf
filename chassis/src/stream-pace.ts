import { LRUCache } from 'lru-cache';

/** Bounds the messages a second that all streams of one client send. */
export interface StreamPace {
  /**
   * Counts a message for a client.
   * @param client its address at the edge.
   * @returns how long the next message has to wait, in milliseconds; 0 when the client is within its rate.
   */
  spend(client: string): number;
}

/** A client may be sent as many messages at once as its rate allows in this time. */
const BURST_MS = 1_000;
const CLIENTS_MAX = 10_000;

/**
 * A stream that starts at the beginning of a long log sends as fast as its client reads: without a rate, the streams of one
 * client take the whole process. The rate is that of the generic cell rate algorithm (ITU-T I.371): each message moves the time
 * at which the next one conforms.
 */
export function createStreamPace(messagesPerSecondMax: number): StreamPace {
  const intervalMs = 1_000 / messagesPerSecondMax;
  const conformTimes = new LRUCache<string, number>({ max: CLIENTS_MAX });
  return {
    spend: (client) => {
      const now = performance.now();
      const conformTime = Math.max(conformTimes.get(client) ?? 0, now) + intervalMs;
      conformTimes.set(client, conformTime);
      return Math.max(0, conformTime - now - BURST_MS);
    },
  };
}
