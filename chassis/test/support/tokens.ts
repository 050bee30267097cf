import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

/** An issuer of access tokens with one key. */
export interface TestIssuer {
  readonly publicJwk: JWK;
  /** Signs claims as they are; header fields replace the defaults. */
  sign(claims: JWTPayload, header?: Record<string, unknown>): Promise<string>;
}

export const ISSUER = 'https://issuer.test';
export const AUDIENCE = 'https://api.test';
/** The user of a good token. */
export const USER_ID = 'usr_01h455vb4pex5vsknk084sn02q';
/** A session that is alive, and one that has ended. */
export const LIVE_SESSION_ID = 'ses_01h455vb4pex5vsknk084sn02q';
export const DEAD_SESSION_ID = 'ses_01h455vb4pex5vsknk084sn02r';

export async function createIssuer(kid: string, alg = 'ES256', typ = 'at+jwt'): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    sign: (claims, header = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg, kid, typ, ...header }).sign(privateKey),
  };
}

/** The claims of a good token; `overrides` with undefined takes a claim away. */
export function claims(overrides: Record<string, unknown> = {}): JWTPayload {
  const now = nowS();
  return { iss: ISSUER, aud: AUDIENCE, sub: USER_ID, iat: now, exp: now + 900, ...overrides };
}

export function nowS(): number {
  return Math.floor(Date.now() / 1000);
}
