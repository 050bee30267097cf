import { as } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { PASSWORD, registerSomebody, startTestService, type TestService } from '../support/service.ts';

describe('UsersService/Logout', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('ends the session of the access token, and its refresh token with it', async () => {
    const { accessToken, refreshToken } = await registerSomebody(service.client);
    await logout(accessToken);
    await rejectsWith(service.client.refreshToken({ refreshToken }), 'UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID');
    await rejectsWith(list(accessToken), 'UNAUTHENTICATED', 'SESSION_REVOKED');
  });

  it('succeeds again when repeated', async () => {
    const { accessToken } = await registerSomebody(service.client);
    await logout(accessToken);
    await logout(accessToken);
  });

  it('ends another session of the caller by its refresh token', async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    const other = await service.client.login({ email, password: PASSWORD });
    await logout(accessToken, other.refreshToken);
    await rejectsWith(list(other.accessToken), 'UNAUTHENTICATED', 'SESSION_REVOKED');
    await list(accessToken);
  });

  it('succeeds without effect for a refresh token of somebody else or of nobody', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const stranger = await registerSomebody(service.client);
    await logout(accessToken, stranger.refreshToken);
    await logout(accessToken, 'mrt_nobody');
    await service.client.refreshToken({ refreshToken: stranger.refreshToken });
    await list(accessToken);
  });

  it('needs an access token', async () => {
    await rejectsWith(service.client.logout({ refreshToken: '' }), 'UNAUTHENTICATED', 'TOKEN_MISSING');
  });

  it('wins or loses against a refresh at the same moment, and leaves no live token in either case', async () => {
    const { accessToken, refreshToken } = await registerSomebody(service.client);
    const refreshing = service.client.refreshToken({ refreshToken }).catch(() => undefined);
    await Promise.all([refreshing, logout(accessToken)]);
    const next = (await refreshing)?.refreshToken ?? refreshToken;
    await rejectsWith(service.client.refreshToken({ refreshToken: next }), 'UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID');
  });

  function logout(accessToken: string, refreshToken = '') {
    return service.client.logout({ refreshToken }, as(accessToken));
  }

  function list(accessToken: string) {
    return service.client.listSessions({ pageSize: 0, pageToken: '' }, as(accessToken));
  }
});
