import type { RpcContract } from '@malla/proto/contract';
import { Access } from '@malla/proto/malla/options/v1/policy.pb';
import { DomainError } from '../lib/errors.ts';
import type { UserIdentity } from '../server/context.ts';
import type { VerifiedToken, VerifyToken } from './token-verifier.ts';

/** What our own tokens name: a user and a session, by TypeID. Anything else could not be looked up anywhere. */
const USER_ID = /^usr_[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const SESSION_ID = /^ses_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** How a server learns who calls it. */
export interface Identification {
  readonly verifyToken: VerifyToken;
  /**
   * The Malla user behind an external issuer's subject, created or linked at first sight.
   * @throws DomainError when the subject may not be a user.
   */
  readonly resolveUser: (token: VerifiedToken) => Promise<string>;
  /** Whether the session behind a user's token is alive. Must look, not remember. */
  readonly isSessionLive: (user: UserIdentity) => Promise<boolean>;
}

/**
 * Identifies the caller of an RPC and checks its policy.
 * @param authorization the `authorization` metadata as it came.
 * @param peer the calling service, by its certificate.
 * @returns the user; undefined when the RPC needs none.
 * @throws DomainError `unauthenticated` or `forbidden`.
 */
export async function admit(
  rpc: RpcContract,
  authorization: string | undefined,
  peer: string | undefined,
  identification: Identification,
): Promise<UserIdentity | undefined> {
  switch (rpc.policy.access) {
    case Access.PUBLIC:
      return undefined;
    case Access.USER:
      return admitUser(rpc, authorization, identification);
    case Access.SERVICE:
      return admitService(rpc, authorization, peer, identification);
    default:
      throw new Error(`${rpc.path} has no access policy`);
  }
}

async function admitUser(rpc: RpcContract, authorization: string | undefined, identification: Identification) {
  const user = await identify(bearer(authorization), identification);
  const missing = rpc.policy.permissions.filter((permission) => !user.permissions.has(permission));
  if (missing.length > 0) {
    const message = `The token lacks the permission ${missing.join(', ')}.`;
    throw new DomainError('forbidden', 'PERMISSION_MISSING', message, { metadata: { permissions: missing.join(' ') } });
  }
  if (rpc.policy.liveSession && !(await identification.isSessionLive(user))) {
    throw new DomainError('unauthenticated', 'SESSION_REVOKED', 'The session of the token has ended.');
  }
  return user;
}

async function admitService(
  rpc: RpcContract,
  authorization: string | undefined,
  peer: string | undefined,
  identification: Identification,
) {
  if (peer === undefined || !rpc.policy.callers.includes(peer)) {
    throw new DomainError('forbidden', 'CALLER_NOT_ALLOWED', 'This method is for services of the mesh that it names.');
  }
  return authorization === undefined ? undefined : identify(bearer(authorization), identification);
}

/** The token of an `Authorization` header (RFC 6750, section 2.1). */
export function bearer(authorization: string | undefined): string {
  if (!authorization) throw new DomainError('unauthenticated', 'TOKEN_MISSING', 'This method needs an access token.');
  const token = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(authorization)?.[1];
  if (!token) throw new DomainError('unauthenticated', 'TOKEN_MALFORMED', 'The authorization is not a bearer token.');
  return token;
}

async function identify(token: string, { verifyToken, resolveUser }: Identification): Promise<UserIdentity> {
  const verified = await verifyToken(token);
  const { claims, issuer } = verified;
  if (issuer.own) checkOwnClaims(claims);
  return {
    issuer: issuer.issuer,
    subject: claims.sub,
    userId: issuer.own ? claims.sub : await resolveUser(verified),
    // An external issuer's `sid` (OpenID Connect Front-Channel Logout 1.0) names a session of its own, and not one of ours.
    sessionId: issuer.own && typeof claims.sid === 'string' ? claims.sid : undefined,
    permissions: permissionsOf(claims),
    token,
    claims,
  };
}

/** @throws DomainError `unauthenticated` (TOKEN_CLAIMS_INVALID) for a token of ours that names no user, or a session that is none. */
function checkOwnClaims({ sub, sid }: VerifiedToken['claims']): void {
  const wrong = USER_ID.test(sub)
    ? sid !== undefined && !(typeof sid === 'string' && SESSION_ID.test(sid)) && 'sid'
    : 'sub';
  if (!wrong) return;
  throw new DomainError(
    'unauthenticated',
    'TOKEN_CLAIMS_INVALID',
    `The claim ${wrong} of the token is missing or wrong.`,
  );
}

function permissionsOf(claims: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const { scope, permissions } = claims;
  const scopes = typeof scope === 'string' ? scope.split(' ').filter(Boolean) : [];
  const listed = Array.isArray(permissions) ? permissions.filter((entry) => typeof entry === 'string') : [];
  return new Set([...scopes, ...listed]);
}
