import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { decodeJwt, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { createKeyVault, vaultOf } from '../../src/crypto/key-vault.ts';
import type { PublicJwk } from '../../src/domain/signing-key.ts';
import { as } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { ISSUER, registerSomebody, startTestService, type TestService } from '../support/service.ts';

type Key = Parameters<SignJWT['sign']>[0];

describe('An access token of our own', () => {
  let service: TestService;
  let key: Key;
  let jwk: PublicJwk;
  let claims: JWTPayload;
  before(async () => {
    service = await startTestService();
    const [row] = await service.sql<{ public_jwk: PublicJwk | string; encrypted_private_jwk: string }>(
      'SELECT * FROM signing_keys',
    );
    assert.ok(row);
    jwk = typeof row.public_jwk === 'string' ? JSON.parse(row.public_jwk) : row.public_jwk;
    const pair = { publicJwk: jwk, encryptedPrivateJwk: row.encrypted_private_jwk };
    key = await createKeyVault(vaultOf(service.config)).open(pair);
    const { accessToken } = await registerSomebody(service.client);
    claims = decodeJwt(accessToken);
  });
  after(() => service.stop());

  it('is accepted when it is signed by the current key and says what RFC 9068 wants', async () => {
    await service.client.getProfile({}, as(await sign({})));
  });

  it('is refused without an algorithm', async () => {
    const token = `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claims)}.`;
    await refused(token, 'TOKEN_ALGORITHM_REFUSED');
  });

  it('is refused when it is signed by HS256 with the public key as the secret', async () => {
    const signed = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: jwk.kid })}.${encode(claims)}`;
    for (const secret of [JSON.stringify(jwk), jwk.x, Buffer.from(jwk.x, 'base64url')]) {
      const signature = createHmac('sha256', secret).update(signed).digest('base64url');
      await refused(`${signed}.${signature}`, 'TOKEN_ALGORITHM_REFUSED');
    }
  });

  it('is refused with an unknown kid', async () => {
    await refused(await sign({}, { kid: 'unknown' }), 'TOKEN_KEY_UNKNOWN');
  });

  it('is refused when another key signed it under a known kid', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    await refused(await sign({}, {}, privateKey), 'TOKEN_SIGNATURE_INVALID');
  });

  it('is refused from a wrong issuer', async () => {
    await refused(await sign({ iss: `${ISSUER}/` }), 'TOKEN_ISSUER_UNKNOWN');
  });

  it('is refused for a wrong audience', async () => {
    await refused(await sign({ aud: 'https://other.test' }), 'TOKEN_AUDIENCE_WRONG');
  });

  it('is refused when it has expired', async () => {
    await refused(await sign({ exp: seconds(-60) }), 'TOKEN_EXPIRED');
  });

  it('is refused while it is not yet valid', async () => {
    await refused(await sign({ nbf: seconds(60) }), 'TOKEN_NOT_YET_VALID');
  });

  it('is refused when it was tampered with', async () => {
    const [header, , signature] = (await sign({})).split('.');
    await refused(`${header}.${encode({ ...claims, sub: 'usr_other' })}.${signature}`, 'TOKEN_SIGNATURE_INVALID');
  });

  it('is refused when it is an ID token', async () => {
    await refused(await sign({}, { typ: 'JWT' }), 'TOKEN_TYPE_WRONG');
  });

  it('is refused when it is no token', async () => {
    for (const token of ['x', 'a.b.c', 'mrt_x', 'x'.repeat(9_000)]) await refused(token, 'TOKEN_MALFORMED');
  });

  it('is refused without a subject or an expiry', async () => {
    await refused(await sign({ sub: undefined }), 'TOKEN_CLAIMS_INVALID');
    await refused(await sign({ exp: undefined }), 'TOKEN_CLAIMS_INVALID');
  });

  it('of a session that has ended is accepted until it expires, save where the policy demands a live session', async () => {
    const { accessToken } = await registerSomebody(service.client);
    await service.client.logout({ refreshToken: '' }, as(accessToken));
    await service.client.getProfile({}, as(accessToken));
    const list = service.client.listSessions({ pageSize: 0, pageToken: '' }, as(accessToken));
    await rejectsWith(list, 'UNAUTHENTICATED', 'SESSION_REVOKED');
  });

  it('without a session is refused where the policy demands a live one', async () => {
    const list = service.client.listSessions({ pageSize: 0, pageToken: '' }, as(await sign({ sid: undefined })));
    await rejectsWith(list, 'UNAUTHENTICATED', 'SESSION_REVOKED');
  });

  it('is refused by name when its sub or its sid is none of ours', async () => {
    for (const wrong of [{ sub: 'auth0|1' }, { sub: 'usr_1' }, { sid: '' }, { sid: 'ses_1' }]) {
      const call = service.client.getProfile({}, as(await sign(wrong)));
      await rejectsWith(call, 'UNAUTHENTICATED', 'TOKEN_CLAIMS_INVALID');
    }
  });

  function sign(
    changes: Record<string, unknown>,
    header: { kid?: string; typ?: string } = {},
    by: Key = key,
  ): Promise<string> {
    return new SignJWT({ ...claims, jti: randomUUID(), ...changes })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: jwk.kid, ...header })
      .sign(by);
  }

  async function refused(token: string, reason: string): Promise<void> {
    await rejectsWith(service.client.getProfile({}, as(token)), 'UNAUTHENTICATED', reason);
  }
});

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function seconds(fromNow: number): number {
  return Math.floor(Date.now() / 1000) + fromNow;
}
