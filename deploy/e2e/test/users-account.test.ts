import assert from 'node:assert/strict';
import { Agent } from 'undici';
import { assertProblem, call, PASSWORD, registerSomebody } from '../support/http.ts';
import { ca } from '../support/mesh.ts';

describe('an account, from the app to MySQL and back', () => {
  it('registers, logs in, reads and edits its profile', async () => {
    const { email } = await registerSomebody();
    const login = await call('POST', '/v1/users/login', { body: { email, password: PASSWORD } });
    assert.equal(login.status, 200);
    assert.deepEqual(Object.keys(login.body).sort(), ['access_token', 'expires_in', 'refresh_token', 'token_type']);
    assert.equal(login.body.expires_in, 900);
    assert.equal(login.headers['cache-control'], 'no-store');
    const token = String(login.body.access_token);

    const profile = await call('GET', '/v1/users/me', { token });
    assert.equal(profile.body.email, email);
    assert.equal(profile.body.displayName, 'Ada');

    const patched = await call('PATCH', '/v1/users/me', {
      token,
      body: { displayName: 'Ada Lovelace', locale: 'en-GB' },
    });
    assert.equal(patched.status, 200, JSON.stringify(patched.body));
    assert.equal(patched.body.displayName, 'Ada Lovelace');
    assert.notEqual(patched.body.etag, profile.body.etag);
    assert.deepEqual((await call('GET', '/v1/users/me', { token })).body, patched.body);
  });

  it('answers the same over HTTP/2', async () => {
    const { accessToken } = await registerSomebody();
    const dispatcher = new Agent({ connect: { ca }, allowH2: true });
    const { status, body } = await call('GET', '/v1/users/me', { token: accessToken, dispatcher });
    await dispatcher.close();
    assert.equal(status, 200);
    assert.equal(body.displayName, 'Ada');
  });

  it('takes both spellings of a field, as the protobuf JSON mapping demands', async () => {
    const person = await registerSomebody();
    const snake = await call('POST', '/v1/users/refresh', { body: { refresh_token: person.refreshToken } });
    assert.equal(snake.status, 200);
    const camel = await call('POST', '/v1/users/refresh', { body: { refreshToken: snake.body.refresh_token } });
    assert.equal(camel.status, 200);
    const token = String(camel.body.access_token);
    const patched = await call('PATCH', '/v1/users/me', { token, body: { display_name: 'Grace' } });
    assert.equal(patched.body.displayName, 'Grace');
  });

  it('lets one of two edits of the same version win', async () => {
    const { accessToken: token } = await registerSomebody();
    const { etag } = (await call('GET', '/v1/users/me', { token })).body;
    const edit = (displayName: string) => call('PATCH', '/v1/users/me', { token, body: { displayName, etag } });
    const statuses = (await Promise.all([edit('Grace'), edit('Edsger')])).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), [200, 409]);
  });

  it('names every field of a registration that breaks a rule', async () => {
    const bad = await call('POST', '/v1/users/register', {
      body: { email: 'nobody', password: 'short', display_name: '' },
    });
    assert.equal(bad.status, 400);
    const fields = (bad.body.errors as { field: string }[]).map(({ field }) =>
      field.replace('displayName', 'display_name'),
    );
    assert.deepEqual([...new Set(fields)].sort(), ['display_name', 'email', 'password']);
  });

  it('answers 409 when the address is taken', async () => {
    const { email } = await registerSomebody();
    const again = await call('POST', '/v1/users/register', {
      body: { email, password: PASSWORD, display_name: 'Eve' },
    });
    assertProblem(again, 409, 'EMAIL_TAKEN');
  });

  it('answers a wrong password and an unknown account alike', async () => {
    const { email } = await registerSomebody();
    const wrong = await call('POST', '/v1/users/login', { body: { email, password: 'not the password' } });
    const unknown = await call('POST', '/v1/users/login', { body: { email: `no-${email}`, password: PASSWORD } });
    assertProblem(wrong, 401, 'CREDENTIALS_INVALID');
    assert.deepEqual({ ...unknown.body, request_id: '' }, { ...wrong.body, request_id: '' });
  });
});
