import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, errors, type JWTVerifyGetKey, SignJWT } from 'jose';
import type { Clock } from '../domain/clock.ts';
import type { Keyring } from '../domain/keyring.ts';
import type { SignAccessToken } from '../domain/ports.ts';
import type { PrivateKeyVault } from './key-vault.ts';

/** How long an access token is valid: 15 minutes. */
export const ACCESS_TOKEN_SECONDS = 900;
/** The client that our own logins stand for; RFC 9068 demands one. */
const CLIENT_ID = 'malla';

export interface AccessTokenOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly vault: PrivateKeyVault;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

/** Signs access tokens (RFC 9068, ES256) with the key that is current. `permissions` is named as Auth0 names it. */
export function createAccessTokenSigner(options: AccessTokenOptions): SignAccessToken {
  return async ({ userId, sessionId, permissions }) => {
    const current = options.keyring.current();
    const { publicJwk } = current;
    const key = await options.vault.open(current);
    const issuedAt = Math.floor(options.clock.now().getTime() / 1000);
    const token = await new SignJWT({
      client_id: CLIENT_ID,
      sid: sessionId,
      ...(permissions.length > 0 && { permissions }),
    })
      .setProtectedHeader({ alg: publicJwk.alg, typ: 'at+jwt', kid: publicJwk.kid })
      .setIssuer(options.issuer)
      .setAudience(options.audience)
      .setSubject(userId)
      .setJti(randomUUID())
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ACCESS_TOKEN_SECONDS)
      .sign(key);
    return { token, expiresInSeconds: ACCESS_TOKEN_SECONDS };
  };
}

/** Finds our own public keys; asks the database once more for a `kid` that another replica may have made. */
export function createOwnKeys(keyring: Keyring): JWTVerifyGetKey {
  const find: JWTVerifyGetKey = (header, token) => {
    const keys = keyring.published().map(({ publicJwk }) => ({ ...publicJwk }));
    return createLocalJWKSet({ keys })(header, token);
  };
  return async (header, token) => {
    try {
      return await find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await keyring.refresh();
      return find(header, token);
    }
  };
}
