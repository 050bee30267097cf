import type { RpcContract } from '@malla/proto/contract';
import { LRUCache } from 'lru-cache';
import type { Answer } from '../transcoding/response/response.ts';
import { lifetimeMsOf } from '../transcoding/response/shared-answers.ts';
import { createUrlIndex, normalPath, normalUrl, pathOf, type UrlIndex } from './url-index.ts';

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
   * The answer for a URL, in whatever spelling: a fresh one from memory; a stale one, while it is fetched anew behind it; else
   * from the service. Many who ask at once share one call.
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

/** How an answer is had, and from which RPC. */
interface Loader {
  readonly load: () => Promise<Answer>;
  readonly rpcPath: string;
}

/** Makes an empty cache of bounded size. */
export function createAnswerCache(): AnswerCache {
  const kept = createUrlIndex();
  // What is asked for and not kept yet: an answer that was fetched before an invalidation is not kept after it.
  const asked = new Set<{ readonly url: string; readonly rpcPath: string }>();
  const cache = newCache(kept);
  const invalidate = (target: string) => {
    const coming = [...asked].filter(({ url, rpcPath }) => pathOf(url) === target || rpcPath === target);
    for (const url of [...kept.urlsOf(target), ...coming.map((each) => each.url)]) {
      cache.delete(url);
      kept.remove(url); // What is just being fetched anew is deleted without a word.
    }
  };
  return {
    get: async (rpc, spelling, load) => {
      const asking = { url: normalUrl(spelling), rpcPath: rpc.path };
      const ttl = lifetimeMsOf(rpc.policy.cacheLifetime);
      // What was stale for longer than it was fresh is too old to be shown once more.
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
    // Who asked before an invalidation gets what was fetched for them; it is not kept.
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
