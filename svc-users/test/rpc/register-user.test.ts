import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { as } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import {
  AUDIENCE,
  ISSUER,
  PASSWORD,
  registerSomebody,
  startTestService,
  type TestService,
} from '../support/service.ts';
import { mediansOf } from '../support/stopwatch.ts';

describe('UsersService/RegisterUser', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService({ realHashing: true });
  });
  after(() => service.stop());

  it('creates an account and answers tokens that work', async () => {
    const email = `${randomUUID()}@Example.com`;
    const tokens = await service.client.registerUser({ email, password: PASSWORD, displayName: 'Ana' });
    assert.equal(tokens.tokenType, 'Bearer');
    assert.equal(tokens.expiresIn, 900);
    const { user } = await service.client.getProfile({}, as(tokens.accessToken));
    assert.equal(user?.email, email.toLowerCase());
    assert.equal(user?.displayName, 'Ana');
    assert.match(user?.userId ?? '', /^usr_[0-9a-z]{26}$/);
  });

  it('answers an access token as RFC 9068 wants it', async () => {
    const email = `${randomUUID()}@example.com`;
    const { accessToken } = await service.client.registerUser({ email, password: PASSWORD, displayName: 'Ana' });
    const { alg, typ, kid } = decodeProtectedHeader(accessToken);
    assert.deepEqual({ alg, typ }, { alg: 'ES256', typ: 'at+jwt' });
    const claims = decodeJwt(accessToken);
    assert.equal(claims.iss, ISSUER);
    assert.equal(claims.aud, AUDIENCE);
    assert.equal((claims.exp ?? 0) - (claims.iat ?? 0), 900);
    assert.deepEqual(Object.keys(claims).sort(), ['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub']);
    const { keys } = await service.client.getJwks({});
    assert.ok(keys.some((key) => key.kid === kid));
  });

  it('answers ALREADY_EXISTS when the e-mail is taken, whatever its case', async () => {
    const email = `${randomUUID()}@example.com`;
    await service.client.registerUser({ email, password: PASSWORD, displayName: 'Ana' });
    const again = { email: email.toUpperCase(), password: PASSWORD, displayName: 'Bea' };
    const said = await rejectsWith(service.client.registerUser(again), 'ALREADY_EXISTS', 'EMAIL_TAKEN');
    assert.equal(said.fields[0]?.field, 'email');
  });

  it('creates one account when twenty ask for the same e-mail at once', async () => {
    const email = `${randomUUID()}@example.com`;
    const request = { email, password: PASSWORD, displayName: 'Ana' };
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => service.client.registerUser(request)));
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    const [row] = await service.sql<{ n: number }>('SELECT COUNT(*) AS n FROM users WHERE email = ?', [email]);
    assert.equal(Number(row?.n), 1);
  });

  it('takes as long for a taken address as for a free one', async () => {
    const { email } = await registerSomebody(service.client);
    const register = (address: string) =>
      service.client.registerUser({ email: address, password: PASSWORD, displayName: 'Ana' }).catch(() => undefined);
    const [free = 0, taken = 0] = await mediansOf(7, [
      () => register(`${randomUUID()}@example.com`),
      () => register(email),
    ]);
    assert.ok(taken > free * 0.6 && taken < free * 1.6, `free ${free} ms, taken ${taken} ms`);
  });

  it('names every field that breaks a rule', async () => {
    const bad = service.client.registerUser({ email: 'nobody', password: 'short', displayName: '' });
    const said = await rejectsWith(bad, 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
    assert.deepEqual(said.fields.map(({ field }) => field).sort(), ['display_name', 'email', 'password']);
  });

  it('refuses a name without a visible character', async () => {
    const bad = service.client.registerUser({ email: 'a@example.com', password: PASSWORD, displayName: '   ' });
    const said = await rejectsWith(bad, 'INVALID_ARGUMENT', 'PROFILE_INVALID');
    assert.equal(said.fields[0]?.field, 'display_name');
  });

  it('stores the password as an argon2id hash and nothing else of it', async () => {
    const email = `${randomUUID()}@example.com`;
    await service.client.registerUser({ email, password: PASSWORD, displayName: 'Ana' });
    const rows = await service.sql<Record<string, unknown>>('SELECT * FROM users WHERE email = ?', [email]);
    assert.match(String(rows[0]?.password_hash), /^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
    assert.ok(!JSON.stringify(rows).includes(PASSWORD));
  });
});
