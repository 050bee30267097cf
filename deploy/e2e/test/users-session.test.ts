import assert from 'node:assert/strict';
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import { Agent, fetch } from 'undici';
import { assertProblem, call, PASSWORD, registerSomebody } from '../support/http.ts';
import { ca, url } from '../support/mesh.ts';

const refresh = (refresh_token: unknown) => call('POST', '/v1/users/refresh', { body: { refresh_token } });

describe('a session', () => {
  it('ends for the whole family when an old refresh token is used again', async () => {
    const first = await registerSomebody();
    const second = await refresh(first.refreshToken);
    const third = await refresh(second.body.refresh_token);
    assertProblem(await refresh(first.refreshToken), 401, 'REFRESH_TOKEN_REUSED');
    assertProblem(await refresh(third.body.refresh_token), 401, 'REFRESH_TOKEN_INVALID');
  });

  it('is refused at once where the policy demands a live session, once it was logged out', async () => {
    const { accessToken: token } = await registerSomebody();
    assert.equal((await call('POST', '/v1/users/logout', { token, body: {} })).status, 200);
    const answer = await call('PATCH', '/v1/users/me', { token, body: { displayName: 'Ghost' } });
    assertProblem(answer, 401, 'SESSION_REVOKED');
    assert.match(String(answer.headers['www-authenticate']), /^Bearer .*error="invalid_token"/);
  });

  it('is listed, and can be ended from another device', async () => {
    const { email, accessToken: token } = await registerSomebody();
    const other = await call('POST', '/v1/users/login', {
      body: { email, password: PASSWORD },
      headers: { 'user-agent': 'Malla for Android' },
    });
    const { body } = await call('GET', '/v1/users/me/sessions', { token });
    const sessions = body.sessions as { sessionId: string; userAgent: string; ipAddress: string; current?: boolean }[];
    assert.equal(sessions.length, 2);
    const android = sessions.find(({ userAgent }) => userAgent === 'Malla for Android');
    assert.ok(android && !android.current);
    assert.match(android.ipAddress, /127\.0\.0\.1|::1/);
    assert.equal((await call('DELETE', `/v1/users/me/sessions/${android.sessionId}`, { token })).status, 200);
    assertProblem(await refresh(other.body.refresh_token), 401, 'REFRESH_TOKEN_INVALID');
    assert.equal((await call('GET', '/v1/users/me/sessions', { token })).status, 200);
  });

  it('of others ends when the password changes', async () => {
    const { email, accessToken: token } = await registerSomebody();
    const other = await call('POST', '/v1/users/login', { body: { email, password: PASSWORD } });
    const passwords = { current_password: PASSWORD, new_password: 'an even better password' };
    assert.equal((await call('POST', '/v1/users/me:changePassword', { token, body: passwords })).status, 200);
    assertProblem(await refresh(other.body.refresh_token), 401, 'REFRESH_TOKEN_INVALID');
    assertProblem(
      await call('POST', '/v1/users/login', { body: { email, password: PASSWORD } }),
      401,
      'CREDENTIALS_INVALID',
    );
    const login = await call('POST', '/v1/users/login', { body: { email, password: passwords.new_password } });
    assert.equal(login.status, 200);
  });

  it('gives tokens that anybody can verify by the discovery document', async () => {
    const { accessToken } = await registerSomebody();
    const discovery = (await call('GET', '/.well-known/openid-configuration')).body;
    assert.equal(discovery.issuer, url);
    const dispatcher = new Agent({ connect: { ca } });
    const keys = createRemoteJWKSet(new URL(String(discovery.jwks_uri)), {
      [customFetch]: async (address) => (await fetch(address, { dispatcher })) as unknown as Response,
    });
    const { payload } = await jwtVerify(accessToken, keys, { issuer: url, typ: 'at+jwt', algorithms: ['ES256'] });
    await dispatcher.close();
    assert.match(payload.sub ?? '', /^usr_/);
  });
});
