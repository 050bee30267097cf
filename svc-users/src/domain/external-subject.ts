import { DomainError } from '@malla/chassis/errors';
import type { ExternalSubject } from './resolve-external-user.ts';

/**
 * Reads an external subject from the claims of its token. Auth0 gives custom claims only under a namespace.
 * @throws DomainError `forbidden` (SUBJECT_NOT_A_USER) for a machine: a client-credentials token has no profile.
 */
export function externalSubject(
  issuer: string,
  claims: Readonly<Record<string, unknown>> & { readonly sub: string },
  namespace: string,
): ExternalSubject {
  if (claims.gty === 'client-credentials' || claims.sub.endsWith('@clients')) {
    throw new DomainError('forbidden', 'SUBJECT_NOT_A_USER', 'The token belongs to a machine and not to a user.');
  }
  const claim = (name: string) => claims[`${namespace}${name}`] ?? claims[name];
  const text = (name: string) => {
    const value = claim(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return {
    issuer,
    subject: claims.sub,
    verifiedEmail: claim('email_verified') === true ? text('email') : undefined,
    name: text('name'),
    pictureUrl: text('picture'),
  };
}
