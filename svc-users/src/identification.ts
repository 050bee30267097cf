import type { Identification } from '@malla/chassis/identity';
import { createTokenVerifier, externalIssuer, ownIssuer } from '@malla/chassis/token-verifier';
import { LRUCache } from 'lru-cache';
import type { Config } from './config.ts';
import { createOwnKeys } from './crypto/access-tokens.ts';
import { externalSubject } from './domain/external-subject.ts';
import { isTypeId } from './domain/ids.ts';
import type { Keyring } from './domain/keyring.ts';
import { type ResolveExternalUserDeps, resolveExternalUser } from './domain/resolve-external-user.ts';

const RESOLVED_MAX = 10_000;
const RESOLVED_TTL_MS = 60_000;

export interface IdentificationDeps extends ResolveExternalUserDeps {
  readonly keyring: Keyring;
  /** Runs work that needs the database. A caller is identified before its handler runs, and so outside of that work. */
  readonly withDatabase: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** How this service learns who calls it: from its own keys, its own sessions and its own links to external subjects. */
export function createIdentification(config: Config, deps: IdentificationDeps): Identification {
  const own = ownIssuer(config.TOKEN_ISSUER, config.TOKEN_AUDIENCE, createOwnKeys(deps.keyring));
  const resolved = new LRUCache<string, string>({ max: RESOLVED_MAX, ttl: RESOLVED_TTL_MS });
  return {
    verifyToken: createTokenVerifier([own, ...config.EXTERNAL_ISSUERS.map(externalIssuer)]),
    resolveUser: async ({ token, issuer, claims }) => {
      const known = resolved.get(token);
      if (known !== undefined) return known;
      const subject = externalSubject(issuer.issuer, claims, config.EXTERNAL_CLAIMS_NAMESPACE);
      const userId = await deps.withDatabase(() => resolveExternalUser(subject, deps));
      resolved.set(token, userId);
      return userId;
    },
    // An external issuer's session is not ours to look at: its token counts until it expires.
    isSessionLive: async ({ issuer, sessionId }) => {
      if (issuer !== config.TOKEN_ISSUER) return true;
      if (sessionId === undefined || !isTypeId(sessionId, 'ses')) return false;
      return deps.withDatabase(() => deps.sessions.isLive(sessionId, deps.clock.now()));
    },
  };
}
