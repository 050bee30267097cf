import assert from 'node:assert/strict';
import { User } from '@malla/proto/malla/users/v1/user';
import { as } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { registerSomebody, startTestService, type TestService } from '../support/service.ts';

describe('UsersService/UpdateProfile', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('changes the fields that the mask names, and no others', async () => {
    const { accessToken } = await registerSomebody(service.client);
    service.clock.advance(1_500);
    const changes = { displayName: 'Bea', locale: 'es-MX', timeZone: 'America/Mexico_City' };
    const { user } = await update(accessToken, changes, ['display_name', 'time_zone']);
    assert.equal(user?.displayName, 'Bea');
    assert.equal(user?.locale, '');
    assert.equal(user?.timeZone, 'America/Mexico_City');
    assert.deepEqual(user?.updateTime, service.clock.now());
    assert.deepEqual(await read(accessToken), user);
  });

  it('takes an empty mask for every field that has a value', async () => {
    const { accessToken } = await registerSomebody(service.client);
    await update(accessToken, { locale: 'es', pictureUrl: 'https://example.com/a.png' }, []);
    const { user } = await update(accessToken, { locale: 'de' }, []);
    assert.equal(user?.locale, 'de');
    assert.equal(user?.pictureUrl, 'https://example.com/a.png');
    assert.equal(user?.displayName, 'Somebody');
  });

  it('takes * for all fields, and empties those without a value', async () => {
    const { accessToken } = await registerSomebody(service.client);
    await update(accessToken, { locale: 'es' }, []);
    const { user } = await update(accessToken, { displayName: 'Bea' }, ['*']);
    assert.equal(user?.locale, '');
    assert.equal(user?.displayName, 'Bea');
  });

  it('refuses a path that does not exist, also one that every object has', async () => {
    const { accessToken } = await registerSomebody(service.client);
    for (const path of ['nickname', 'constructor', '__proto__', 'user.locale', '']) {
      const said = await rejectsWith(
        update(accessToken, { locale: 'es' }, [path]),
        'INVALID_ARGUMENT',
        'UPDATE_MASK_INVALID',
      );
      assert.deepEqual(
        said.fields.map(({ field }) => field),
        ['update_mask'],
      );
    }
  });

  it('names a few of very many unknown paths', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const mask = Array.from({ length: 9_000 }, (_, index) => `unknown_${index}`);
    const said = await rejectsWith(update(accessToken, {}, mask), 'INVALID_ARGUMENT', 'UPDATE_MASK_INVALID');
    assert.ok(said.fields.length > 1 && said.fields.length < 200, `${said.fields.length}`);
  });

  it('ignores fields that only the service sets', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const before = await read(accessToken);
    const sent = { userId: 'usr_other', emailVerified: true, createTime: new Date(0), updateTime: new Date(0) };
    const mask = ['user_id', 'email_verified', 'create_time', 'update_time', 'etag', 'locale'];
    const { user } = await update(accessToken, { ...sent, locale: 'es' }, mask);
    assert.equal(user?.userId, before?.userId);
    assert.equal(user?.emailVerified, false);
    assert.deepEqual(user?.createTime, before?.createTime);
  });

  it('refuses to change the e-mail address, however it is asked', async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    for (const mask of [['email'], [], ['*']]) {
      const sent = { email: 'other@example.com', displayName: 'Bea' };
      const said = await rejectsWith(update(accessToken, sent, mask), 'INVALID_ARGUMENT', 'EMAIL_IMMUTABLE');
      assert.equal(said.fields[0]?.field, 'user.email');
    }
    await rejectsWith(update(accessToken, { email: '' }, ['email']), 'INVALID_ARGUMENT', 'EMAIL_IMMUTABLE');
    await update(accessToken, { email: email.toUpperCase(), locale: 'es' }, ['email', 'locale']);
  });

  it('refuses an etag that is not the profile’s', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const { user } = await update(accessToken, { locale: 'es', etag: 'v1' }, ['locale']);
    await rejectsWith(update(accessToken, { locale: 'de', etag: 'v1' }, ['locale']), 'ABORTED', 'ETAG_MISMATCH');
    await rejectsWith(update(accessToken, { locale: 'de', etag: 'W/"v2"' }, ['locale']), 'ABORTED', 'ETAG_MISMATCH');
    await update(accessToken, { locale: 'de', etag: user?.etag ?? '' }, ['locale']);
  });

  it('lets exactly one of twenty updates with one etag through', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const replica = await service.replica();
    const updates = Array.from({ length: 20 }, (_, index) => {
      const user = User.fromPartial({ displayName: `Name ${index}`, etag: 'v1' });
      const client = index % 2 ? replica : service.client;
      return client.updateProfile({ user, updateMask: ['display_name'] }, as(accessToken));
    });
    const losers = await Promise.allSettled(updates.map((one) => rejectsWith(one, 'ABORTED', 'ETAG_MISMATCH')));
    assert.equal(losers.filter(({ status }) => status === 'rejected').length, 1);
    assert.equal((await read(accessToken))?.etag, 'v2');
  });

  it('answers the etag that the profile then has, after updates without one at once', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => update(accessToken, { displayName: `Name ${index}` }, [])),
    );
    assert.equal(new Set(answers.map(({ user }) => user?.etag)).size, 10);
    const last = answers.find(({ user }) => user?.etag === 'v11');
    assert.deepEqual(await read(accessToken), last?.user);
  });

  it('names every value that the contract’s rules refuse', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const bad = {
      displayName: 'x'.repeat(101),
      locale: 'e',
      timeZone: '../etc/passwd',
      pictureUrl: 'http://example.com/a.png',
    };
    const said = await rejectsWith(update(accessToken, bad, ['*']), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
    const fields = said.fields.map(({ field }) => field).sort();
    assert.deepEqual([...new Set(fields)], ['user.display_name', 'user.locale', 'user.picture_url', 'user.time_zone']);
  });

  it('names every value that the contract’s rules let through and that still is none', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const bad = { displayName: '\u200b\u2060\u3164', locale: 'es-x', timeZone: 'Europe/Atlantis' };
    const said = await rejectsWith(update(accessToken, bad, ['*']), 'INVALID_ARGUMENT', 'PROFILE_INVALID');
    const fields = said.fields.map(({ field }) => field).sort();
    assert.deepEqual(fields, ['user.display_name', 'user.locale', 'user.time_zone']);
  });

  it('stores a name of a hundred characters outside the basic plane as it is', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const displayName = '👩‍🚀'.repeat(33);
    await update(accessToken, { displayName }, []);
    assert.equal((await read(accessToken))?.displayName, displayName);
  });

  it('answers NOT_FOUND when the user of the token is gone', async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    await service.sql('DELETE FROM users WHERE email = ?', [email]);
    await rejectsWith(update(accessToken, { locale: 'es' }, []), 'NOT_FOUND', 'USER_NOT_FOUND');
  });

  it('refuses the token of a session that has ended', async () => {
    const { accessToken } = await registerSomebody(service.client);
    await service.client.logout({ refreshToken: '' }, as(accessToken));
    await rejectsWith(update(accessToken, { locale: 'es' }, []), 'UNAUTHENTICATED', 'SESSION_REVOKED');
  });

  function update(accessToken: string, user: Partial<User>, updateMask: string[]) {
    return service.client.updateProfile({ user: User.fromPartial(user), updateMask }, as(accessToken));
  }

  async function read(accessToken: string) {
    return (await service.client.getProfile({}, as(accessToken))).user;
  }
});
