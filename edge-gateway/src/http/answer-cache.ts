import type { RpcContract } from '@malla/proto/contract';
import { Access } from '@malla/proto/malla/options/v1/policy.pb';
import { LRUCache } from 'lru-cache';
import type { Answer } from '../transcoding/response.ts';

/** An answer that is kept, with what a client must know of its age. */
export interface CachedAnswer extends Answer {
  /** When the service gave it, in milliseconds of the epoch. */
  readonly storedMs: number;
}

/** The answers that are kept at the edge, for RPCs that are public and whose policy gives a lifetime. */
export interface AnswerCache {
  /**
   * The answer for a URL: a fresh one from memory; a stale one, while it is fetched anew behind it; else from the service.
   * Many who ask at once share one call.
   */
  get(rpc: RpcContract, url: string, load: () => Promise<Answer>): Promise<CachedAnswer>;
  /** What is in memory and fresh. */
  peek(url: string): CachedAnswer | undefined;
  /** Forgets the answers of a path, whatever their query (RFC 9111, section 4.4). */
  invalidate(path: string): void;
}

const BYTES_MAX = 16 * 1024 * 1024;
/** What an entry takes besides its body and URL, about. */
const ENTRY_OVERHEAD_BYTES = 1_024;

/** Whether the answers of an RPC may be shared: everybody gets the same. */
export function isShared({ policy }: RpcContract): boolean {
  return policy.access === Access.PUBLIC && lifetimeMsOf(policy.cacheLifetime) > 0;
}

/** The lifetime of a policy in milliseconds; 0 when it has none. */
export function lifetimeMsOf(lifetime: RpcContract['policy']['cacheLifetime']): number {
  return lifetime ? Number(lifetime.seconds) * 1000 + lifetime.nanos / 1e6 : 0;
}

/** Makes an empty cache of bounded size. */
export function createAnswerCache(): AnswerCache {
  const urlsOfPath = new Map<string, Set<string>>();
  const cache = new LRUCache<string, CachedAnswer, () => Promise<Answer>>({
    maxSize: BYTES_MAX,
    sizeCalculation: ({ body }, url) => body.length + 2 * url.length + ENTRY_OVERHEAD_BYTES,
    allowStale: true,
    noDeleteOnFetchRejection: true,
    // Who asked before an invalidation gets what was fetched for them; it is not kept.
    ignoreFetchAbort: true,
    dispose: (_answer, url) => forget(urlsOfPath, url),
    fetchMethod: async (_url, _stale, { context }) => ({ ...(await context()), storedMs: Date.now() }),
  });
  return {
    get: async (rpc, url, load) => {
      const ttl = lifetimeMsOf(rpc.policy.cacheLifetime);
      // What was stale for longer than it was fresh is too old to be shown once more.
      const forceRefresh = Date.now() - (cache.peek(url)?.storedMs ?? Date.now()) > 2 * ttl;
      remember(urlsOfPath, url);
      const answer = await cache.fetch(url, { context: load, ttl, forceRefresh, allowStale: !forceRefresh });
      return answer ?? { ...(await load()), storedMs: Date.now() };
    },
    peek: (url) => (cache.getRemainingTTL(url) > 0 ? cache.get(url) : undefined),
    invalidate: (path) => {
      for (const url of urlsOfPath.get(path) ?? []) cache.delete(url);
    },
  };
}

function remember(urlsOfPath: Map<string, Set<string>>, url: string): void {
  const path = pathOf(url);
  const urls = urlsOfPath.get(path) ?? new Set();
  urlsOfPath.set(path, urls.add(url));
}

function forget(urlsOfPath: Map<string, Set<string>>, url: string): void {
  const path = pathOf(url);
  const urls = urlsOfPath.get(path);
  urls?.delete(url);
  if (urls?.size === 0) urlsOfPath.delete(path);
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
