import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportSPKI, importJWK, SignJWT } from 'jose';
import { createTestGateway, gatewayForThisTest, type TestGateway } from '../support/gateway.ts';
import { assertProblem } from '../support/problems.ts';
import { AUDIENCE, type Claims, claims, createIssuer, ISSUER, nowS, type TestIssuer } from '../support/tokens.ts';

const AUTH0_AUDIENCE = 'https://api.auth0.test';

describe('tokens', () => {
  let gateway: TestGateway;
  let auth0: TestIssuer;
  let auth0Issuer: string;
  let jwksServer: Server;

  before(async () => {
    auth0 = await createIssuer('auth0-1', 'RS256', 'JWT');
    jwksServer = createServer((_request, response) => response.end(JSON.stringify({ keys: [auth0.publicJwk] })));
    await new Promise<void>((resolve) => jwksServer.listen(0, '127.0.0.1', resolve));
    const jwksUri = `http://127.0.0.1:${(jwksServer.address() as AddressInfo).port}/jwks`;
    auth0Issuer = 'https://tenant.auth0.test/';
    const issuers = [{ issuer: auth0Issuer, audience: AUTH0_AUDIENCE, jwksUri }];
    gateway = await createTestGateway({
      env: { EXTERNAL_ISSUERS: JSON.stringify(issuers), RATE_LIMIT_WRITE_PER_MINUTE: '999' },
    });
  });
  after(async () => {
    jwksServer.close();
    await gateway.stop();
  });

  const call = (authorization: string | undefined, url = '/v1/testing/echo:user') =>
    gateway.app.inject({
      method: 'POST',
      url,
      payload: { text: 'a' },
      headers: authorization === undefined ? {} : { authorization },
    });

  it('lets a good token in, and passes it on', async () => {
    const token = await gateway.issuer.sign(claims());
    assert.equal((await call(`Bearer ${token}`)).statusCode, 200);
    assert.deepEqual(gateway.testing.calls.at(-1)?.metadata.get('authorization'), [`Bearer ${token}`]);
  });

  it('lets a token of an external issuer in that has Auth0’s shape', async () => {
    const shape = { iss: auth0Issuer, aud: [AUTH0_AUDIENCE, `${auth0Issuer}userinfo`], azp: 'client', sub: 'auth0|1' };
    const token = await auth0.sign(claims({ ...shape, scope: 'openid profile', permissions: ['a:b'] }));
    assert.equal((await call(`bearer  ${token}`)).statusCode, 200);
  });

  it('asks who brings no token for one, without an error (RFC 6750, section 3.1)', async () => {
    for (const none of [undefined, '']) {
      const answer = await call(none);
      assertProblem(answer, 401, 'TOKEN_MISSING');
      assert.equal(answer.headers['www-authenticate'], 'Bearer realm="malla"');
    }
  });

  const sign =
    (overrides: Claims, header: Record<string, unknown> = {}) =>
    () =>
      gateway.issuer.sign(claims(overrides), header);
  const refused: Readonly<Record<string, readonly [reason: string, token: () => Promise<string>]>> = {
    'alg none': ['TOKEN_ALGORITHM_REFUSED', async () => unsigned({ alg: 'none', typ: 'at+jwt' })],
    'alg none with a key id': [
      'TOKEN_ALGORITHM_REFUSED',
      async () => unsigned({ alg: 'none', typ: 'at+jwt', kid: 'key-1' }),
    ],
    'HS256 signed with the public key': ['TOKEN_ALGORITHM_REFUSED', () => signedWithPublicKey()],
    'an unknown key id': ['TOKEN_KEY_UNKNOWN', sign({}, { kid: 'key-2' })],
    'another issuer': ['TOKEN_ISSUER_UNKNOWN', sign({ iss: 'https://evil.test' })],
    'no issuer': ['TOKEN_ISSUER_UNKNOWN', sign({ iss: undefined })],
    'an issuer that differs by a slash': ['TOKEN_ISSUER_UNKNOWN', sign({ iss: `${ISSUER}/` })],
    'another audience': ['TOKEN_AUDIENCE_WRONG', sign({ aud: 'https://other.test' })],
    'no audience': ['TOKEN_AUDIENCE_WRONG', sign({ aud: undefined })],
    'an expired token': ['TOKEN_EXPIRED', sign({ exp: nowS() - 60 })],
    'a token without expiry': ['TOKEN_CLAIMS_INVALID', sign({ exp: undefined })],
    'a token that is not yet valid': ['TOKEN_NOT_YET_VALID', sign({ nbf: nowS() + 3_600 })],
    'a tampered payload': ['TOKEN_SIGNATURE_INVALID', () => tampered()],
    'a signature of another key': ['TOKEN_SIGNATURE_INVALID', async () => (await createIssuer('key-1')).sign(claims())],
    'an ID token': ['TOKEN_TYPE_WRONG', sign({}, { typ: 'JWT' })],
    'a token without subject': ['TOKEN_CLAIMS_INVALID', sign({ sub: undefined })],
    'a token of another issuer’s key': ['TOKEN_ALGORITHM_REFUSED', () => auth0.sign(claims())],
    'no JWT': ['TOKEN_MALFORMED', async () => 'abc'],
    'three empty parts': ['TOKEN_MALFORMED', async () => '..'],
    'a JWE': ['TOKEN_MALFORMED', async () => 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..a.b.c'],
    'a token that is too long': ['TOKEN_MALFORMED', async () => 'a'.repeat(9000)],
    'what is no token68': ['TOKEN_MALFORMED', async () => 'a b'],
  };
  for (const [name, [reason, token]] of Object.entries(refused)) {
    it(`refuses ${name} with ${reason}`, async () => {
      const answer = await call(`Bearer ${await token()}`);
      assertProblem(answer, 401, reason);
      assert.match(
        String(answer.headers['www-authenticate']),
        /^Bearer realm="malla", error="invalid_token", error_description="[\x20-\x21\x23-\x5b\x5d-\x7e]+"$/,
      );
    });
  }

  it('refuses other schemes', async () => {
    for (const header of ['Basic YTpi', 'Bearer', 'Bearer ', `Token ${await gateway.issuer.sign(claims())}`]) {
      assertProblem(await call(header), 401, 'TOKEN_MALFORMED');
    }
  });

  it('passes a service’s refusal of a revoked session on as invalid_token', async () => {
    const answer = await call(`Bearer ${await gateway.issuer.sign(claims())}`, '/v1/testing/echo:live');
    assertProblem(answer, 401, 'SESSION_REVOKED');
    assert.match(String(answer.headers['www-authenticate']), /error="invalid_token"/);
  });

  it('neither looks at nor passes on a token where none is needed', async () => {
    const answer = await gateway.app.inject({
      url: '/v1/testing/echo/a',
      headers: { authorization: 'Bearer nonsense' },
    });
    assert.equal(answer.statusCode, 200);
    assert.deepEqual(gateway.testing.calls.at(-1)?.metadata.get('authorization'), []);
  });

  async function unsigned(header: object): Promise<string> {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part(header)}.${part(claims())}.`;
  }

  async function signedWithPublicKey(): Promise<string> {
    const pem = await exportSPKI((await importJWK(gateway.issuer.publicJwk, 'ES256', { extractable: true })) as never);
    return new SignJWT(claims())
      .setProtectedHeader({ alg: 'HS256', kid: 'key-1', typ: 'at+jwt' })
      .sign(Buffer.from(pem));
  }

  async function tampered(): Promise<string> {
    const [header, , signature] = (await gateway.issuer.sign(claims())).split('.');
    const payload = Buffer.from(JSON.stringify(claims({ sub: 'usr_2' }))).toString('base64url');
    return [header, payload, signature].join('.');
  }

  it('answers 503 while the keys were never seen', async () => {
    const cold = await gatewayForThisTest();
    await cold.users.stop();
    const answer = await cold.app.inject({
      method: 'POST',
      url: '/v1/testing/echo:user',
      payload: { text: 'a' },
      headers: { authorization: `Bearer ${await cold.issuer.sign(claims({ aud: AUDIENCE }))}` },
    });
    assertProblem(answer, 503, 'TOKEN_KEYS_UNAVAILABLE');
    assert.equal(answer.headers['retry-after'], '5');
  });
});
