import assert from 'node:assert/strict';
import { as } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { registerSomebody, startTestService, type TestService } from '../support/service.ts';

describe('UsersService/GetProfile', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('answers the caller’s own profile, in the types of the contract', async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    const { user } = await service.client.getProfile({}, as(accessToken));
    const { userId, ...rest } = user ?? assert.fail();
    assert.match(userId, /^usr_[0-9a-z]{26}$/);
    assert.deepEqual(rest, {
      email,
      emailVerified: false,
      displayName: 'Somebody',
      locale: '',
      timeZone: '',
      pictureUrl: '',
      createTime: service.clock.now(),
      updateTime: service.clock.now(),
      etag: 'v1',
    });
  });

  it('costs one round trip to the database', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const statements = await service.proxy.record(() => service.client.getProfile({}, as(accessToken)));
    assert.equal(statements.length, 1, statements.join('\n'));
  });

  it('answers NOT_FOUND when the user of the token is gone', async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    await service.sql('DELETE FROM users WHERE email = ?', [email]);
    await rejectsWith(service.client.getProfile({}, as(accessToken)), 'NOT_FOUND', 'USER_NOT_FOUND');
  });

  it('needs an access token', async () => {
    await rejectsWith(service.client.getProfile({}), 'UNAUTHENTICATED', 'TOKEN_MISSING');
  });
});
