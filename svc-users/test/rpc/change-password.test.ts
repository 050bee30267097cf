import assert from 'node:assert/strict';
import { ATTEMPTS_PER_ADDRESS_MAX } from '../../src/domain/login-throttle.ts';
import { as } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { PASSWORD, registerSomebody, startTestService, type TestService } from '../support/service.ts';

const NEW_PASSWORD = 'a better horse battery';

describe('UsersService/ChangePassword', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('changes the password: the new one logs in and the old one does not', async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    await change(accessToken);
    await rejectsWith(service.client.login({ email, password: PASSWORD }), 'UNAUTHENTICATED', 'CREDENTIALS_INVALID');
    await service.client.login({ email, password: NEW_PASSWORD });
  });

  it('ends the other sessions of the user and not the one that asks', async () => {
    const { email, accessToken, refreshToken } = await registerSomebody(service.client);
    const other = await service.client.login({ email, password: PASSWORD });
    const stranger = await registerSomebody(service.client);
    await change(accessToken);
    await rejectsWith(refresh(other.refreshToken), 'UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID');
    await refresh(refreshToken);
    await refresh(stranger.refreshToken);
  });

  it('answers a wrong current password with the field', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const said = await rejectsWith(change(accessToken, 'a guess'), 'INVALID_ARGUMENT', 'CURRENT_PASSWORD_WRONG');
    assert.equal(said.fields[0]?.field, 'current_password');
  });

  it('counts wrong current passwords like logins, so that a stolen token cannot try them all', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const guesses = Array.from({ length: ATTEMPTS_PER_ADDRESS_MAX }, () => change(accessToken, 'a guess'));
    await Promise.all(guesses.map((guess) => rejectsWith(guess, 'INVALID_ARGUMENT', 'CURRENT_PASSWORD_WRONG')));
    await rejectsWith(change(accessToken), 'RESOURCE_EXHAUSTED', 'LOGIN_LOCKED');
  });

  it('lets one of several changes at once through', async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    const passwords = Array.from({ length: 5 }, (_, index) => `new password ${index}`);
    const outcomes = await Promise.allSettled(passwords.map((password) => change(accessToken, PASSWORD, password)));
    const winners = passwords.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    assert.equal(winners.length, 1);
    await service.client.login({ email, password: winners[0] ?? '' });
  });

  it('answers ABORTED to the change that came second', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const changes = [NEW_PASSWORD, 'another new password'].map((password) => change(accessToken, PASSWORD, password));
    const losers = await Promise.allSettled(changes.map((one) => rejectsWith(one, 'ABORTED', 'PASSWORD_CHANGED')));
    assert.equal(losers.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  it('leaves no session of the old password to a login at the same moment', async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    const login = service.client.login({ email, password: PASSWORD }).catch(() => undefined);
    await Promise.all([login, change(accessToken)]);
    const tokens = await login;
    if (tokens) await rejectsWith(refresh(tokens.refreshToken), 'UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID');
  });

  it('answers FAILED_PRECONDITION where the account has no password', async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    await service.sql('UPDATE users SET password_hash = NULL WHERE email = ?', [email]);
    await rejectsWith(change(accessToken), 'FAILED_PRECONDITION', 'PASSWORD_NOT_SET');
  });

  it('names the fields that break a rule', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const said = await rejectsWith(change(accessToken, '', 'short'), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
    assert.deepEqual(said.fields.map(({ field }) => field).sort(), ['current_password', 'new_password']);
  });

  it('refuses the token of a session that has ended', async () => {
    const { accessToken } = await registerSomebody(service.client);
    await service.client.logout({ refreshToken: '' }, as(accessToken));
    await rejectsWith(change(accessToken), 'UNAUTHENTICATED', 'SESSION_REVOKED');
  });

  function change(accessToken: string, currentPassword = PASSWORD, newPassword = NEW_PASSWORD) {
    return service.client.changePassword({ currentPassword, newPassword }, as(accessToken));
  }

  function refresh(refreshToken: string) {
    return service.client.refreshToken({ refreshToken });
  }
});
