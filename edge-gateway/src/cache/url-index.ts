import { splitUrl } from '../arrival/routing.ts';

/** The URLs of cached answers, by the paths and RPCs whose change invalidates them. */
export interface UrlIndex {
  add(url: string, rpcPath: string): void;
  remove(url: string): void;
  /** The URLs that have a path, or whose answers an RPC gave, by its path on the wire. */
  urlsOf(target: string): readonly string[];
}

/** Makes an empty index. */
export function createUrlIndex(): UrlIndex {
  const rpcPaths = new Map<string, string>();
  const urls = new Map<string, Set<string>>();
  const targetsOf = (url: string) => [pathOf(url), rpcPaths.get(url) ?? ''];
  return {
    add: (url, rpcPath) => {
      rpcPaths.set(url, rpcPath);
      for (const target of targetsOf(url)) urls.set(target, (urls.get(target) ?? new Set()).add(url));
    },
    remove: (url) => {
      for (const target of targetsOf(url)) {
        const some = urls.get(target);
        some?.delete(url);
        if (some?.size === 0) urls.delete(target);
      }
      rpcPaths.delete(url);
    },
    urlsOf: (target) => [...(urls.get(target) ?? [])],
  };
}

/**
 * A URL in the one form that all its spellings share: without scheme and host, its path percent-decoded but for what would
 * split it anew (RFC 3986, section 6.2.2).
 */
export function normalUrl(url: string): string {
  const { path, query } = splitUrl(url);
  return query === '' ? normalPath(path) : `${normalPath(path)}?${query}`;
}

/** The path of a URL in its normal form. */
export function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}

/** A path, which was found to be well-formed, in its normal form. */
export function normalPath(path: string): string {
  if (!path.includes('%')) return path;
  return path.split('/').map(normalSegment).join('/');
}

function normalSegment(segment: string): string {
  return decodeURIComponent(segment).replace(/[%/?]/g, encodeURIComponent);
}
