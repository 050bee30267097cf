import { DomainError } from '@malla/chassis/errors';
import type { Identification } from '@malla/chassis/identity';
import { remoteKeys } from '@malla/chassis/key-source';
import { isServiceError, readStatus } from '@malla/chassis/status';
import { createTokenVerifier, externalIssuer, ownIssuer } from '@malla/chassis/token-verifier';
import { LRUCache } from 'lru-cache';
import type { Users } from './clients/users.ts';
import type { Config } from './config.ts';

const RESOLVED_MAX = 10_000;
const RESOLVED_TTL_MS = 60_000;

/** How this service learns who calls it: svc-users has the keys, the sessions, and who external subjects are. */
export function createIdentification(config: Config, users: Users): Identification {
  const keys = remoteKeys(`${config.TOKEN_ISSUER.replace(/\/$/, '')}/.well-known/jwks.json`, users.fetchKeys);
  const own = ownIssuer(config.TOKEN_ISSUER, config.TOKEN_AUDIENCE, keys);
  const resolved = new LRUCache<string, string>({ max: RESOLVED_MAX, ttl: RESOLVED_TTL_MS });
  return {
    verifyToken: createTokenVerifier([own, ...config.EXTERNAL_ISSUERS.map(externalIssuer)]),
    resolveUser: async ({ token }) => {
      const known = resolved.get(token);
      if (known !== undefined) return known;
      const userId = await users.resolveCaller(token).catch(refused);
      resolved.set(token, userId);
      return userId;
    },
    // An external issuer's session is not ours to look at: its token counts until it expires.
    isSessionLive: async ({ issuer, sessionId }) =>
      issuer !== config.TOKEN_ISSUER || (sessionId !== undefined && users.isSessionLive(sessionId)),
  };
}

/** What svc-users says of a token that belongs to no user is the answer here too. */
function refused(error: unknown): never {
  if (isServiceError(error) && readStatus(error).reason === 'SUBJECT_NOT_A_USER') {
    throw new DomainError('forbidden', 'SUBJECT_NOT_A_USER', 'The token belongs to a machine and not to a user.');
  }
  throw error;
}
