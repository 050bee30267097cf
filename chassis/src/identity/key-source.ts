import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JWTVerifyGetKey,
} from 'jose';
import { runOutsideCalls } from '../server/context.ts';

/** Fetches a JSON Web Key Set, as the text of its JSON. */
export type FetchKeys = (signal: AbortSignal) => Promise<string>;

/** Less than the deadline of most RPCs, so that a caller hears TOKEN_KEYS_UNAVAILABLE and not that time ran out. */
const TIMEOUT_MS = 1_500;
/** A key published and withdrawn is noticed within this time. */
const CACHE_MAX_AGE_MS = 600_000;
/** An unknown `kid` asks the issuer at most this often. */
const COOLDOWN_MS = 10_000;

/**
 * A key source that fetches an issuer's keys when it first needs them, again when a `kid` is unknown, and every ten
 * minutes. While the issuer cannot be reached, or answers no key set, the last keys it gave stay in force: its outage is not
 * ours.
 *
 * @param fetchKeys how to fetch; rejects when the issuer cannot be reached. It is given 1.5 seconds. Default: HTTP from
 *   `jwksUri`.
 */
export function remoteKeys(jwksUri: string, fetchKeys: FetchKeys = httpKeys(jwksUri)): JWTVerifyGetKey {
  let last: string | undefined;
  const fetchOrKeep: FetchImplementation = async (_url, { signal }) => {
    try {
      const text = await Promise.race([runOutsideCalls(() => fetchKeys(signal)), rejectedBy(signal)]);
      createLocalJWKSet(JSON.parse(text)); // Throws when it is no key set.
      last = text;
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

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

function httpKeys(jwksUri: string): FetchKeys {
  return async (signal) => {
    const response = await fetch(jwksUri, { signal, redirect: 'error', headers: { accept: 'application/json' } });
    if (!response.ok) throw new Error(`the key set answered ${response.status}`);
    return response.text();
  };
}
