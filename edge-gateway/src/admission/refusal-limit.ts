import { RateClass } from '@malla/proto/malla/options/v1/policy.pb';
import { LRUCache } from 'lru-cache';
import type { App, Request } from '../arrival/app-types.ts';
import { CLIENTS_MAX, exceeded, rateClassOf, WINDOW_MS } from './rate-limit.ts';

/**
 * Counts what is refused of the webhooks that an address sends. Whoever signs them may send many; from an address of which
 * `max` were refused within a minute nothing more reaches the service until that minute is over.
 */
export function addRefusalLimit(app: App, max: number): void {
  const refused = new LRUCache<string, number>({ max: CLIENTS_MAX, ttl: WINDOW_MS, noUpdateTTL: true });
  app.addHook('onRequest', async (request) => {
    if (!isWebhook(request)) return;
    const address = request.clientAddress;
    if ((refused.get(address) ?? 0) < max) return;
    throw exceeded({ ttlInSeconds: Math.ceil(refused.getRemainingTTL(address) / 1_000) });
  });
  app.addHook('onResponse', async (request, { statusCode }) => {
    if (!isWebhook(request) || !isRefusal(statusCode)) return;
    const address = request.clientAddress;
    refused.set(address, (refused.get(address) ?? 0) + 1);
  });
}

function isWebhook({ routeOptions }: Request): boolean {
  const rpc = routeOptions.config.transcoder?.binding.rpc;
  return rpc !== undefined && rateClassOf(rpc) === RateClass.WEBHOOK;
}

/** Returns true for a refusal that counts. A 429 does not: a client that waits is served. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429;
}
