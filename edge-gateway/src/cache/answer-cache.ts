import type { RpcContract } from '@malla/proto/contract';
import { LRUCache } from 'lru-cache';
import type { Answer } from '../transcoding/response/response.ts';
import { lifetimeMsOf } from '../transcoding/response/shared-answers.ts';
import { createUrlIndex, normalPath, normalUrl, pathOf, type UrlIndex } from './url-index.ts';

/** A cached answer with its age. */
export interface CachedAnswer extends Answer {
  /** When the service gave it, in milliseconds of the epoch. */
  readonly storedMs: number;
  /** The RPC that gave it, by its path on the wire. */
  readonly rpcPath: string;
}

/** The cache of answers at the edge, for RPCs that are public and whose policy sets a lifetime. */
export interface AnswerCache {
  /**
   * The answer for a URL, in whatever spelling: a fresh one from memory; a stale one, while it is fetched anew behind it; else
   * from the service. Many who ask at once share one call.
   */
  get(rpc: RpcContract, url: string, load: () => Promise<Answer>): Promise<CachedAnswer>;
  /** Returns the answer that is in memory and fresh. */
  peek(url: string): CachedAnswer | undefined;
  /**
   * Forgets what a successful call of an RPC has made untrue: the answers of its own path, whatever their query (RFC 9111,
   * section 4.4), and those of the RPCs that its policy names. An RPC without side effects makes nothing untrue.
   */
  invalidateBy(rpc: RpcContract, path: string): void;
}

const BYTES_MAX = 16 * 1024 * 1024;
/** An estimate of the memory of an entry beside its body and URL. */
const ENTRY_OVERHEAD_BYTES = 1_024;

/** The loader of an answer, and the RPC that it calls. */
interface Loader {
  readonly load: () => Promise<Answer>;
  readonly rpcPath: string;
}

/** Makes an empty cache of bounded size. */
export function createAnswerCache(): AnswerCache {
  const kept = createUrlIndex();
  // The fetches that run: an answer that was fetched before an invalidation is not stored after it.
  const asked = new Set<{ readonly url: string; readonly rpcPath: string }>();
  const cache = newCache(kept);
  const invalidate = (target: string) => {
    const coming = [...asked].filter(({ url, rpcPath }) => pathOf(url) === target || rpcPath === target);
    for (const url of [...kept.urlsOf(target), ...coming.map((each) => each.url)]) {
      cache.delete(url);
      kept.remove(url); // The cache does not call `dispose` for an entry that is being refreshed.
    }
  };
  return {
    get: async (rpc, spelling, load) => {
      const asking = { url: normalUrl(spelling), rpcPath: rpc.path };
      const ttl = lifetimeMsOf(rpc.policy.cacheLifetime);
      // An answer that was stale for longer than it was fresh is not served: it is too old.
      const forceRefresh = Date.now() - (cache.peek(asking.url)?.storedMs ?? Date.now()) > 2 * ttl;
      const context = { load, rpcPath: rpc.path };
      asked.add(asking);
      try {
        const answer = await cache.fetch(asking.url, { context, ttl, forceRefresh, allowStale: !forceRefresh });
        return answer ?? stored(await load(), rpc.path);
      } finally {
        asked.delete(asking);
      }
    },
    peek: (spelling) => {
      const url = normalUrl(spelling);
      return cache.getRemainingTTL(url) > 0 ? cache.get(url) : undefined;
    },
    invalidateBy: ({ readOnly, policy }, path) => {
      if (readOnly) return;
      for (const target of [normalPath(path), ...policy.invalidates.map((name) => `/${name}`)]) invalidate(target);
    },
  };
}

function newCache(kept: UrlIndex): LRUCache<string, CachedAnswer, Loader> {
  return new LRUCache<string, CachedAnswer, Loader>({
    maxSize: BYTES_MAX,
    sizeCalculation: ({ body }, url) => body.length + 2 * url.length + ENTRY_OVERHEAD_BYTES,
    allowStale: true,
    noDeleteOnFetchRejection: true,
    // A request from before an invalidation receives the fetched answer. The cache does not store it.
    ignoreFetchAbort: true,
    // An answer that takes the place of another is inserted after that one is disposed of.
    dispose: (_answer, url) => kept.remove(url),
    onInsert: ({ rpcPath }, url) => kept.add(url, rpcPath),
    fetchMethod: async (_url, _stale, { context: { load, rpcPath } }) => stored(await load(), rpcPath),
  });
}

function stored(answer: Answer, rpcPath: string): CachedAnswer {
  return { ...answer, rpcPath, storedMs: Date.now() };
}
