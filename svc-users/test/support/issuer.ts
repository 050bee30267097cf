import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExternalIssuer } from '@malla/chassis/config';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

const AUDIENCE = 'https://api.external.test';

/** An issuer with tokens in Auth0's shape, and a JWKS server. */
export interface ExternalIssuerFake {
  readonly config: ExternalIssuer;
  /** How often the keys were asked for. */
  readonly requests: () => number;
  /** Signs a token for a subject by the newest key. */
  token(sub: string, claims?: JWTPayload): Promise<string>;
  /** From now on another key signs, and both are published. */
  rotate(): Promise<void>;
  /** The JWKS server goes away. */
  goAway(): Promise<void>;
}

/** Starts an issuer. */
export async function startIssuer(name = 'tenant.auth0.test'): Promise<ExternalIssuerFake> {
  const published: JWK[] = [];
  let current: { kid: string; privateKey: CryptoKey };
  let requests = 0;

  const rotate = async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    const kid = `key-${published.length + 1}`;
    published.push({ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' });
    current = { kid, privateKey };
  };
  await rotate();
  const server = createServer((_request, response) => {
    requests += 1;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `https://${name}/`;
  return {
    config: {
      issuer,
      audience: AUDIENCE,
      jwksUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    },
    requests: () => requests,
    rotate,
    token: (sub, claims = {}) =>
      new SignJWT({
        azp: 'a-single-page-app',
        scope: 'openid profile email',
        permissions: ['read:everything'],
        ...claims,
      })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: current.kid })
        .setIssuer(issuer)
        .setSubject(sub)
        .setAudience([AUDIENCE, `${issuer}userinfo`])
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(current.privateKey),
    goAway: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
