import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

/** An issuer of access tokens with one key. */
export interface TestIssuer {
  readonly publicJwk: JWK;
  /** Signs claims as they are; header fields replace the defaults. */
  sign(claims: JWTPayload, header?: Record<string, unknown>): Promise<string>;
}

export const ISSUER = 'https://issuer.test';
export const AUDIENCE = 'https://api.test';

export async function createIssuer(kid: string, alg = 'ES256', typ = 'at+jwt'): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    sign: (claims, header = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg, kid, typ, ...header }).sign(privateKey),
  };
}

/** Claims to put in place of those of a good token. */
export type Claims = { readonly [Name in keyof JWTPayload]: JWTPayload[Name] | undefined };

/** The claims of a good token; `overrides` with undefined takes a claim away. */
export function claims(overrides: Claims = {}): JWTPayload {
  const now = nowS();
  return { iss: ISSUER, aud: AUDIENCE, sub: 'usr_1', iat: now, exp: now + 900, ...overrides } as JWTPayload;
}

export function nowS(): number {
  return Math.floor(Date.now() / 1000);
}
