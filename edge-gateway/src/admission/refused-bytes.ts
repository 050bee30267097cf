import { LRUCache } from 'lru-cache';
import type { App, Request } from '../arrival/app-types.ts';
import { CLIENTS_MAX, clientOf, exceeded, WINDOW_MS } from './rate-limit.ts';

/**
 * Counts bytes of a client that were read and refused: of a body, or of a line of an import.
 * @throws HttpProblem 429 once a minute's budget is used up.
 */
export type SpendRefused = (request: Request, bytes: number) => void;

/**
 * Makes what is read and refused cost a budget of its own: a client that sent more than `bytesMax` of it within a minute sends no
 * more bodies until that minute is over. Each replica counts alone.
 */
export function addRefusedBytes(app: App, bytesMax: number): SpendRefused {
  const spent = new LRUCache<string, number>({ max: CLIENTS_MAX, ttl: WINDOW_MS, noUpdateTTL: true });
  const refuse = (client: string) => {
    if ((spent.get(client) ?? 0) < bytesMax) return;
    throw exceeded({ ttlInSeconds: Math.ceil(spent.getRemainingTTL(client) / 1_000) });
  };
  const count = (client: string, bytes: number) => spent.set(client, (spent.get(client) ?? 0) + bytes);
  app.decorateRequest('bodyBytes', 0);
  app.addHook('onRequest', async (request) => {
    if (request.headers['content-type'] !== undefined) refuse(clientOf(request));
  });
  app.addHook('onResponse', async (request, { statusCode }) => {
    if (statusCode === 400) count(clientOf(request), request.bodyBytes);
  });
  return (request, bytes) => {
    count(clientOf(request), bytes);
    refuse(clientOf(request));
  };
}
