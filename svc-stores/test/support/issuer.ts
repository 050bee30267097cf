import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExternalIssuer } from '@malla/chassis/config';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

const AUDIENCE = 'https://api.external.test';
const KID = 'external';

/** An issuer with tokens in Auth0's shape, and a JWKS server. */
export interface ExternalIssuerFake {
  readonly config: ExternalIssuer;
  /** Signs a token for a subject. */
  token(sub: string, claims?: JWTPayload): Promise<string>;
  goAway(): Promise<void>;
}

/** Starts an issuer. */
export async function startIssuer(name: string): Promise<ExternalIssuerFake> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const key = { ...(await exportJWK(publicKey)), kid: KID, alg: 'RS256', use: 'sig' };
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [key] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `https://${name}/`;
  const { port } = server.address() as AddressInfo;
  return {
    config: { issuer, audience: AUDIENCE, jwksUri: `http://127.0.0.1:${port}/jwks.json` },
    token: (sub, claims = {}) =>
      new SignJWT({ iss: issuer, sub, aud: [AUDIENCE, `${issuer}userinfo`], azp: 'an-app', exp: inAnHour(), ...claims })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: KID })
        .setIssuedAt()
        .sign(privateKey),
    goAway: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function inAnHour(): number {
  return Math.floor(Date.now() / 1_000) + 3_600;
}
