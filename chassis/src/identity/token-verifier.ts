import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import type { ExternalIssuer } from '../config/config.ts';
import { DomainError } from '../lib/errors.ts';
import { remoteKeys } from './key-source.ts';

/** An issuer whose access tokens are accepted. */
export interface TrustedIssuer {
  /** The exact `iss`. Auth0's ends in a slash. */
  readonly issuer: string;
  /** What `aud` is or contains. */
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
  /** The signature algorithms it may use. Symmetric ones and `none` are never among them. */
  readonly algorithms: readonly string[];
  /** The `typ` its access tokens must carry; RFC 9068 says `at+jwt`. Undefined demands none. */
  readonly typ: string | undefined;
  /** Whether its subjects are Malla's own user ids. */
  readonly own: boolean;
}

/** A verified access token. */
export interface VerifiedToken {
  readonly token: string;
  readonly issuer: TrustedIssuer;
  readonly claims: JWTPayload & { readonly sub: string; readonly exp: number };
}

/**
 * Verifies an access token: signature, algorithm, `typ`, `iss`, `aud`, `exp`, `nbf`.
 * @throws DomainError `unauthenticated` with a reason that starts with `TOKEN_`, or `unavailable`
 *   (`TOKEN_KEYS_UNAVAILABLE`) when the issuer's keys were never seen and cannot be fetched.
 */
export type VerifyToken = (token: string) => Promise<VerifiedToken>;

const CACHE_SIZE = 10_000;
const CACHE_TTL_MS = 300_000;
const CLOCK_TOLERANCE_S = 5;
const TOKEN_LENGTH_MAX = 8_192;

/** Our own issuer (RFC 9068 tokens, ES256). */
export function ownIssuer(issuer: string, audience: string, keys: JWTVerifyGetKey): TrustedIssuer {
  return { issuer, audience, keys, algorithms: ['ES256'], typ: 'at+jwt', own: true };
}

/** An external issuer from the configuration. Its keys are at `jwksUri`, by default `<issuer>/.well-known/jwks.json`. */
export function externalIssuer({ issuer, audience, jwksUri }: ExternalIssuer): TrustedIssuer {
  const keys = remoteKeys(jwksUri ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`);
  return { issuer, audience, keys, algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'], typ: undefined, own: false };
}

/**
 * Makes a verifier that remembers what it verified, at most five minutes and never beyond `exp`.
 * @throws Error when two issuers have one name.
 */
export function createTokenVerifier(issuers: readonly TrustedIssuer[]): VerifyToken {
  const byName = new Map(issuers.map((issuer) => [issuer.issuer, issuer]));
  if (byName.size < issuers.length) throw new Error('two trusted issuers have the same name');
  const verified = new LRUCache<string, VerifiedToken>({ max: CACHE_SIZE, ttl: CACHE_TTL_MS });
  return async (token) => {
    const known = verified.get(token);
    if (known && known.claims.exp * 1000 > Date.now()) return known;
    const issuer = byName.get(issuerOf(token));
    if (!issuer) throw refusal('TOKEN_ISSUER_UNKNOWN', 'The token comes from an issuer that is not trusted here.');
    const fresh = await verify(token, issuer);
    verified.set(token, fresh);
    return fresh;
  };
}

function issuerOf(token: string): string {
  if (token.length > TOKEN_LENGTH_MAX) throw refusal('TOKEN_MALFORMED', 'The token is too long.');
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    throw refusal('TOKEN_MALFORMED', 'The token is not a JWT.');
  }
}

async function verify(token: string, issuer: TrustedIssuer): Promise<VerifiedToken> {
  try {
    const { payload } = await jwtVerify(token, issuer.keys, {
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms: [...issuer.algorithms],
      clockTolerance: CLOCK_TOLERANCE_S,
      requiredClaims: ['sub', 'exp', 'iat'],
      ...(issuer.typ !== undefined && { typ: issuer.typ }),
    });
    if (typeof payload.sub !== 'string' || payload.sub === '')
      throw refusal('TOKEN_CLAIMS_INVALID', 'The token names no subject.');
    return { token, issuer, claims: payload as VerifiedToken['claims'] };
  } catch (error) {
    throw explain(error);
  }
}

function explain(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof errors.JWTExpired) return refusal('TOKEN_EXPIRED', 'The token has expired.');
  if (error instanceof errors.JWTClaimValidationFailed) return explainClaim(error.claim);
  if (error instanceof errors.JOSEAlgNotAllowed)
    return refusal('TOKEN_ALGORITHM_REFUSED', 'The token is signed by an algorithm that is not accepted.');
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return refusal('TOKEN_KEY_UNKNOWN', 'The token is signed by a key that its issuer does not publish.');
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return refusal('TOKEN_SIGNATURE_INVALID', 'The signature of the token does not match.');
  if (isMalformed(error)) return refusal('TOKEN_MALFORMED', 'The token is not a signed JWT.');
  return new DomainError(
    'unavailable',
    'TOKEN_KEYS_UNAVAILABLE',
    'The keys of the token’s issuer cannot be fetched now.',
    { retryAfterMs: 5_000 },
    { cause: error },
  );
}

function explainClaim(claim: string): DomainError {
  if (claim === 'aud') return refusal('TOKEN_AUDIENCE_WRONG', 'The token is meant for another audience.');
  if (claim === 'nbf') return refusal('TOKEN_NOT_YET_VALID', 'The token is not valid yet.');
  if (claim === 'typ') return refusal('TOKEN_TYPE_WRONG', 'The token is not an access token.');
  return refusal('TOKEN_CLAIMS_INVALID', `The claim ${claim} of the token is missing or wrong.`);
}

function isMalformed(error: unknown): boolean {
  return (
    error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid || error instanceof errors.JOSENotSupported
  );
}

function refusal(reason: string, message: string): DomainError {
  return new DomainError('unauthenticated', reason, message);
}
