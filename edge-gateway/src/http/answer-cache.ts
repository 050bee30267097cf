import type { RpcContract } from '@malla/proto/contract';
import { Access } from '@malla/proto/malla/options/v1/policy.pb';
import { LRUCache } from 'lru-cache';
import type { Answer } from '../transcoding/response.ts';

/** An answer that is kept, with what a client must know of its age. */
export interface CachedAnswer extends Answer {
  /** When the service gave it, in milliseconds of the epoch. */
  readonly storedMs: number;
  /** The RPC that gave it, by its path on the wire. */
  readonly rpcPath: string;
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
  /**
   * Forgets what a successful call of an RPC has made untrue: the answers of its own path, whatever their query (RFC 9111,
   * section 4.4), and those of the RPCs that its policy names. An RPC without side effects makes nothing untrue.
   */
  invalidateBy(rpc: RpcContract, path: string): void;
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

/** How an answer is had, and from which RPC. */
interface Loader {
  readonly load: () => Promise<Answer>;
  readonly rpcPath: string;
}

/** Makes an empty cache of bounded size. */
export function createAnswerCache(): AnswerCache {
  // By the path of the URL, and by the RPC's path on the wire.
  const urlsOf = new Map<string, Set<string>>();
  const invalidate = (path: string) => {
    for (const url of urlsOf.get(path) ?? []) cache.delete(url);
  };
  const cache = new LRUCache<string, CachedAnswer, Loader>({
    maxSize: BYTES_MAX,
    sizeCalculation: ({ body }, url) => body.length + 2 * url.length + ENTRY_OVERHEAD_BYTES,
    allowStale: true,
    noDeleteOnFetchRejection: true,
    // Who asked before an invalidation gets what was fetched for them; it is not kept.
    ignoreFetchAbort: true,
    dispose: ({ rpcPath }, url) => {
      for (const path of [pathOf(url), rpcPath]) forget(urlsOf, path, url);
    },
    fetchMethod: async (_url, _stale, { context: { load, rpcPath } }) => stored(await load(), rpcPath),
  });
  return {
    get: async (rpc, url, load) => {
      const ttl = lifetimeMsOf(rpc.policy.cacheLifetime);
      // What was stale for longer than it was fresh is too old to be shown once more.
      const forceRefresh = Date.now() - (cache.peek(url)?.storedMs ?? Date.now()) > 2 * ttl;
      for (const path of [pathOf(url), rpc.path]) remember(urlsOf, path, url);
      const answer = await cache.fetch(url, {
        context: { load, rpcPath: rpc.path },
        ttl,
        forceRefresh,
        allowStale: !forceRefresh,
      });
      return answer ?? stored(await load(), rpc.path);
    },
    peek: (url) => (cache.getRemainingTTL(url) > 0 ? cache.get(url) : undefined),
    invalidateBy: ({ readOnly, policy }, path) => {
      if (readOnly) return;
      for (const target of [path, ...policy.invalidates.map((name) => `/${name}`)]) invalidate(target);
    },
  };
}

function stored(answer: Answer, rpcPath: string): CachedAnswer {
  return { ...answer, rpcPath, storedMs: Date.now() };
}

function remember(urlsOf: Map<string, Set<string>>, path: string, url: string): void {
  const urls = urlsOf.get(path) ?? new Set();
  urlsOf.set(path, urls.add(url));
}

function forget(urlsOf: Map<string, Set<string>>, path: string, url: string): void {
  const urls = urlsOf.get(path);
  urls?.delete(url);
  if (urls?.size === 0) urlsOf.delete(path);
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
