import { createRemoteJWKSet, customFetch, type FetchImplementation, type JWTVerifyGetKey } from 'jose';

/** Fetches a JSON Web Key Set, as the text of its JSON. */
export type FetchKeys = (signal: AbortSignal) => Promise<string>;

const TIMEOUT_MS = 5_000;
/** A key published and withdrawn is noticed within this time. */
const CACHE_MAX_AGE_MS = 600_000;
/** An unknown `kid` asks the issuer at most this often. */
const COOLDOWN_MS = 10_000;

/**
 * A key source that fetches an issuer's keys when it first needs them, again when a `kid` is unknown, and every ten
 * minutes. While the issuer cannot be reached the last keys it gave stay in force: its outage is not ours.
 *
 * @param fetchKeys how to fetch; rejects when the issuer cannot be reached. Default: HTTPS from `jwksUri`.
 */
export function remoteKeys(jwksUri: string, fetchKeys: FetchKeys = httpsKeys(jwksUri)): JWTVerifyGetKey {
  let last: string | undefined;
  const fetchOrKeep: FetchImplementation = async (_url, { signal }) => {
    try {
      last = await fetchKeys(signal);
    } catch (error) {
      if (last === undefined) throw error;
    }
    return new Response(last);
  };
  return createRemoteJWKSet(new URL(jwksUri), {
    [customFetch]: fetchOrKeep,
    timeoutDuration: TIMEOUT_MS,
    cacheMaxAge: CACHE_MAX_AGE_MS,
    cooldownDuration: COOLDOWN_MS,
  });
}

function httpsKeys(jwksUri: string): FetchKeys {
  return async (signal) => {
    const response = await fetch(jwksUri, { signal, redirect: 'error', headers: { accept: 'application/json' } });
    const text = await response.text();
    if (!response.ok) throw new Error(`the key set answered ${response.status}`);
    const { keys } = JSON.parse(text) as { keys?: unknown };
    if (!Array.isArray(keys)) throw new Error('the key set has no keys');
    return text;
  };
}
