import assert from 'node:assert/strict';
import type { webcrypto } from 'node:crypto';
import { mock } from 'node:test';
import { base64url, createLocalJWKSet, exportSPKI, importJWK, type JWTPayload, SignJWT } from 'jose';
import { createTokenVerifier, externalIssuer, ownIssuer, type VerifyToken } from '../../src/identity/token-verifier.ts';
import { DomainError } from '../../src/lib/errors.ts';
import { AUDIENCE, claims, createIssuer, ISSUER, nowS, type TestIssuer, USER_ID } from '../support/tokens.ts';

const trusted = createIssuer('k1');
const stranger = createIssuer('k1');

async function verifier(issuer: TestIssuer): Promise<VerifyToken> {
  return createTokenVerifier([ownIssuer(ISSUER, AUDIENCE, createLocalJWKSet({ keys: [issuer.publicJwk] }))]);
}

/** The reason for which a token is refused. */
async function reasonOf(verify: VerifyToken, token: string): Promise<string> {
  const error = await verify(token).then(
    () => assert.fail('the token was accepted'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof DomainError, String(error));
  assert.equal(error.kind, 'unauthenticated');
  assert.ok(token === '' || !error.message.includes(token));
  return error.reason;
}

function unsigned(header: object, payload: JWTPayload): string {
  return `${base64url.encode(JSON.stringify(header))}.${base64url.encode(JSON.stringify(payload))}.`;
}

async function signedWithPublicKey({ publicJwk }: TestIssuer): Promise<string> {
  const secret = new TextEncoder().encode(
    await exportSPKI((await importJWK(publicJwk, 'ES256')) as webcrypto.CryptoKey),
  );
  return new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'k1', typ: 'at+jwt' }).sign(secret);
}

function tampered(token: string): string {
  const [header, payload, signature] = token.split('.') as [string, string, string];
  const forged = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), sub: 'usr_admin' };
  return [header, base64url.encode(JSON.stringify(forged)), signature].join('.');
}

const REFUSED: [string, (issuer: TestIssuer) => Promise<string> | string, string][] = [
  ['alg none', () => unsigned({ alg: 'none', typ: 'at+jwt' }, claims()), 'TOKEN_ALGORITHM_REFUSED'],
  ['alg None', () => unsigned({ alg: 'None', typ: 'at+jwt' }, claims()), 'TOKEN_ALGORITHM_REFUSED'],
  ['HS256 with the public key as secret', signedWithPublicKey, 'TOKEN_ALGORITHM_REFUSED'],
  ['no alg', () => unsigned({ typ: 'at+jwt' }, claims()), 'TOKEN_MALFORMED'],
  ['an unknown kid', (i) => i.sign(claims(), { kid: 'k9' }), 'TOKEN_KEY_UNKNOWN'],
  ['the signature of another key', async () => (await stranger).sign(claims()), 'TOKEN_SIGNATURE_INVALID'],
  ['a claim that was changed', async (i) => tampered(await i.sign(claims())), 'TOKEN_SIGNATURE_INVALID'],
  ['no signature', async (i) => (await i.sign(claims())).replace(/[^.]+$/, ''), 'TOKEN_SIGNATURE_INVALID'],
  ['another issuer', (i) => i.sign(claims({ iss: 'https://evil.test' })), 'TOKEN_ISSUER_UNKNOWN'],
  ['the issuer with a slash more', (i) => i.sign(claims({ iss: `${ISSUER}/` })), 'TOKEN_ISSUER_UNKNOWN'],
  ['no issuer', (i) => i.sign(claims({ iss: undefined })), 'TOKEN_ISSUER_UNKNOWN'],
  ['an issuer that is no text', (i) => i.sign(claims({ iss: [ISSUER] })), 'TOKEN_ISSUER_UNKNOWN'],
  ['another audience', (i) => i.sign(claims({ aud: 'https://other.test' })), 'TOKEN_AUDIENCE_WRONG'],
  ['other audiences', (i) => i.sign(claims({ aud: ['a', 'b'] })), 'TOKEN_AUDIENCE_WRONG'],
  ['no audience', (i) => i.sign(claims({ aud: undefined })), 'TOKEN_AUDIENCE_WRONG'],
  ['an exp in the past', (i) => i.sign(claims({ exp: nowS() - 10 })), 'TOKEN_EXPIRED'],
  ['no exp', (i) => i.sign(claims({ exp: undefined })), 'TOKEN_CLAIMS_INVALID'],
  ['an exp that is no number', (i) => i.sign(claims({ exp: 'never' })), 'TOKEN_CLAIMS_INVALID'],
  ['an nbf in the future', (i) => i.sign(claims({ nbf: nowS() + 60 })), 'TOKEN_NOT_YET_VALID'],
  ['no iat', (i) => i.sign(claims({ iat: undefined })), 'TOKEN_CLAIMS_INVALID'],
  ['the type of an ID token', (i) => i.sign(claims(), { typ: 'JWT' }), 'TOKEN_TYPE_WRONG'],
  ['no type', (i) => i.sign(claims(), { typ: undefined }), 'TOKEN_TYPE_WRONG'],
  ['no sub', (i) => i.sign(claims({ sub: undefined })), 'TOKEN_CLAIMS_INVALID'],
  ['an empty sub', (i) => i.sign(claims({ sub: '' })), 'TOKEN_CLAIMS_INVALID'],
  ['a sub that is no text', (i) => i.sign(claims({ sub: 7 })), 'TOKEN_CLAIMS_INVALID'],
  [
    'a critical extension',
    () => `${unsigned({ alg: 'ES256', kid: 'k1', crit: ['x'], x: 1 }, claims())}AA`,
    'TOKEN_MALFORMED',
  ],
  ['10 kB', (i) => i.sign(claims({ padding: 'x'.repeat(10_000) })), 'TOKEN_MALFORMED'],
  ['what is not a JWT', () => 'rubbish', 'TOKEN_MALFORMED'],
  ['three parts of rubbish', () => 'a.b.c', 'TOKEN_MALFORMED'],
  ['an encrypted token', () => `${base64url.encode('{"alg":"dir","enc":"A256GCM"}')}..a.b.c`, 'TOKEN_MALFORMED'],
  [
    'claims that are a list',
    () => `${base64url.encode('{"alg":"ES256"}')}.${base64url.encode('[]')}.a`,
    'TOKEN_MALFORMED',
  ],
  ['nothing', () => '', 'TOKEN_MALFORMED'],
];

describe('verifyToken', () => {
  for (const [name, make, reason] of REFUSED) {
    it(`refuses ${name} (${reason})`, async () => {
      const issuer = await trusted;
      assert.equal(await reasonOf(await verifier(issuer), await make(issuer)), reason);
    });
  }

  it('accepts an audience in a list, and the type with its prefix', async () => {
    const issuer = await trusted;
    const verify = await verifier(issuer);
    const token = await issuer.sign(claims({ aud: ['x', AUDIENCE] }), { typ: 'application/at+jwt' });
    assert.equal((await verify(token)).claims.sub, USER_ID);
  });

  it('refuses a token that names no key when its issuer has several, as what a client sent', async () => {
    const [one, two] = [await createIssuer('a'), await createIssuer('b')];
    const verify = createTokenVerifier([
      ownIssuer(ISSUER, AUDIENCE, createLocalJWKSet({ keys: [one.publicJwk, two.publicJwk] })),
    ]);
    assert.equal(await reasonOf(verify, await one.sign(claims(), { kid: undefined })), 'TOKEN_KEY_UNKNOWN');
  });

  it('accepts the shape of Auth0: `iss` with a slash, `aud` a list, `azp`, `scope`, `permissions`, RS256, typ JWT', async () => {
    const auth0 = await createIssuer('auth0', 'RS256', 'JWT');
    const iss = 'https://tenant.eu.auth0.com/';
    const external = externalIssuer({ issuer: iss, audience: AUDIENCE });
    const verify = createTokenVerifier([{ ...external, keys: createLocalJWKSet({ keys: [auth0.publicJwk] }) }]);
    const shape = {
      iss,
      sub: 'auth0|65f0',
      aud: [AUDIENCE, `${iss}userinfo`],
      azp: 'client-1',
      scope: 'openid profile',
      permissions: ['echo:write'],
    };
    const { claims: verified, issuer } = await verify(await auth0.sign(claims(shape)));
    assert.equal(verified.sub, 'auth0|65f0');
    assert.equal(issuer.own, false);
    const forSpa = await auth0.sign(claims({ ...shape, aud: 'client-1' }));
    assert.equal(await reasonOf(verify, forSpa), 'TOKEN_AUDIENCE_WRONG');
  });

  it('does not accept the token of one issuer under the keys of another', async () => {
    const [own, other] = [await createIssuer('same'), await createIssuer('same')];
    const verify = createTokenVerifier([
      ownIssuer(ISSUER, AUDIENCE, createLocalJWKSet({ keys: [own.publicJwk] })),
      ownIssuer('https://other.test', AUDIENCE, createLocalJWKSet({ keys: [other.publicJwk] })),
    ]);
    assert.equal(await reasonOf(verify, await other.sign(claims())), 'TOKEN_SIGNATURE_INVALID');
  });

  it('is not made for two issuers of one name', () => {
    const twice = externalIssuer({ issuer: ISSUER, audience: AUDIENCE });
    assert.throws(() => createTokenVerifier([twice, twice]), /same name/);
  });

  it('remembers what it verified, and no longer than until `exp`', async () => {
    const issuer = await trusted;
    let asked = 0;
    const keys = createLocalJWKSet({ keys: [issuer.publicJwk] });
    const verify = createTokenVerifier([
      ownIssuer(ISSUER, AUDIENCE, (header, token) => {
        asked += 1;
        return keys(header, token);
      }),
    ]);
    const token = await issuer.sign(claims({ exp: nowS() + 60.5 }));
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    try {
      await verify(token);
      await verify(token);
      assert.equal(asked, 1);
      mock.timers.tick(67_000);
      assert.equal(await reasonOf(verify, token), 'TOKEN_EXPIRED');
    } finally {
      mock.timers.reset();
    }
  });
});
