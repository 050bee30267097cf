import assert from 'node:assert/strict';
import { as } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { PASSWORD, registerSomebody, startTestService, type TestService } from '../support/service.ts';

describe('UsersService/RevokeSession', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('ends one of the caller’s sessions, and succeeds again when repeated', async () => {
    const { email, accessToken, refreshToken } = await registerSomebody(service.client);
    const current = await service.client.login({ email, password: PASSWORD });
    const sessionId = await ownSession(accessToken);
    await revoke(current.accessToken, sessionId);
    await revoke(current.accessToken, sessionId);
    await rejectsWith(service.client.refreshToken({ refreshToken }), 'UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID');
    await ownSession(current.accessToken);
  });

  it('ends the session that asks', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const sessionId = await ownSession(accessToken);
    await revoke(accessToken, sessionId);
    await rejectsWith(revoke(accessToken, sessionId), 'UNAUTHENTICATED', 'SESSION_REVOKED');
  });

  it('answers NOT_FOUND with the same words for somebody else’s session and for one that never was', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const stranger = await registerSomebody(service.client);
    const sessionId = await ownSession(stranger.accessToken);
    const said = await rejectsWith(revoke(accessToken, sessionId), 'NOT_FOUND', 'SESSION_NOT_FOUND');
    const never = revoke(accessToken, 'ses_01h2xcejqtf2nbrexx3vqjhp41');
    assert.deepEqual(await rejectsWith(never, 'NOT_FOUND', 'SESSION_NOT_FOUND'), said);
    await ownSession(stranger.accessToken);
  });

  it('names the field of an id that is none', async () => {
    const { accessToken } = await registerSomebody(service.client);
    for (const sessionId of ['', 'ses_x', 'usr_01h2xcejqtf2nbrexx3vqjhp41', 'ses_81h2xcejqtf2nbrexx3vqjhp41']) {
      const said = await rejectsWith(revoke(accessToken, sessionId), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
      assert.equal(said.fields[0]?.field, 'session_id');
    }
  });

  function revoke(accessToken: string, sessionId: string) {
    return service.client.revokeSession({ sessionId }, as(accessToken));
  }

  async function ownSession(accessToken: string): Promise<string> {
    const { sessions } = await service.client.listSessions({ pageSize: 0, pageToken: '' }, as(accessToken));
    return sessions.find(({ current }) => current)?.sessionId ?? assert.fail('no session is current');
  }
});
