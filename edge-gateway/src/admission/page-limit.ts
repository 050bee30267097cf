import { LRUCache } from 'lru-cache';
import type { App, Request } from '../arrival/app-types.ts';
import { CLIENTS_MAX, exceeded, WINDOW_MS } from './rate-limit.ts';

/** Balancers ask for these, often all from one address and on behalf of everybody; what they cost is bounded. */
const UNCOUNTED: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz']);

/**
 * Counts what leads to no RPC against a budget of its client: pages, preflights, and what has no route. Add it after the
 * client's address and before whatever answers such requests.
 */
export function addPageLimit(app: App, max: number): void {
  const counts = new LRUCache<string, { calls: number }>({ max: CLIENTS_MAX, ttl: WINDOW_MS });
  app.addHook('onRequest', (request, _reply, done) => {
    if (isCounted(request)) {
      const address = request.clientAddress;
      const count = counts.get(address) ?? { calls: 0 };
      if (count.calls === 0) counts.set(address, count);
      count.calls += 1;
      if (count.calls > max)
        return done(exceeded({ ttlInSeconds: Math.ceil(counts.getRemainingTTL(address) / 1_000) }));
    }
    done();
  });
}

function isCounted({ method, routeOptions: { config } }: Request): boolean {
  return method === 'OPTIONS' || (!config.transcoder && !UNCOUNTED.has(config.routeName));
}
