import { DomainError } from '@malla/chassis/errors';
import type { ExternalSubject } from './resolve-external-user.ts';
import { isEmail } from './user.ts';

type Claims = Readonly<Record<string, unknown>> & { readonly sub: string };

/** OpenID Connect Core 1.0, section 2: a `sub` has at most 255 ASCII characters. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/;
const NAME_LENGTH_MAX = 100;
const PICTURE_URL_LENGTH_MAX = 2048;

/**
 * Reads an external subject from the claims of its token. Auth0 gives custom claims only under a namespace. A claim that no
 * profile can hold is passed over: an issuer's odd name for somebody is no reason to keep them out.
 * @throws DomainError `forbidden` (SUBJECT_NOT_A_USER) for a machine, since a client-credentials token has no profile;
 *   `unauthenticated` (TOKEN_CLAIMS_INVALID) for a `sub` that is none.
 */
export function externalSubject(issuer: string, claims: Claims, namespace: string): ExternalSubject {
  if (claims.gty === 'client-credentials' || claims.sub.endsWith('@clients')) {
    throw new DomainError('forbidden', 'SUBJECT_NOT_A_USER', 'The token belongs to a machine and not to a user.');
  }
  if (!SUBJECT.test(claims.sub)) {
    throw new DomainError('unauthenticated', 'TOKEN_CLAIMS_INVALID', 'The subject of the token is too long.');
  }
  return {
    issuer,
    subject: claims.sub,
    verifiedEmail: verifiedEmail(claims, namespace) ?? verifiedEmail(claims, ''),
    name: displayName(claims[`${namespace}name`] ?? claims.name),
    pictureUrl: pictureUrl(claims[`${namespace}picture`] ?? claims.picture),
  };
}

/** An address counts only by the word that stands beside it. */
function verifiedEmail(claims: Claims, namespace: string): string | undefined {
  const email = claims[`${namespace}email`];
  if (typeof email !== 'string' || claims[`${namespace}email_verified`] !== true) return undefined;
  return isEmail(email) ? email : undefined;
}

function displayName(claim: unknown): string | undefined {
  if (typeof claim !== 'string') return undefined;
  const characters = [...claim.replaceAll(/\p{Cc}/gu, ' ').trim()];
  return characters.slice(0, NAME_LENGTH_MAX).join('') || undefined;
}

function pictureUrl(claim: unknown): string | undefined {
  if (typeof claim !== 'string' || claim.length > PICTURE_URL_LENGTH_MAX || !claim.startsWith('https://')) {
    return undefined;
  }
  return URL.canParse(claim) && /^[\x21-\x7e]+$/.test(claim) ? claim : undefined;
}
