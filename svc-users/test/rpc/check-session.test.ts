import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { SESSION_IDLE_MS_MAX } from '../../src/domain/session.ts';
import { as, type UsersClient } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { registerSomebody, startTestService, type TestService } from '../support/service.ts';

describe('UsersService/CheckSession', () => {
  let service: TestService;
  let stores: UsersClient;
  before(async () => {
    service = await startTestService();
    stores = await service.clientAs('svc-stores');
  });
  after(() => service.stop());

  it('tells a service whether a session lives', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const sessionId = sessionOf(accessToken);
    assert.deepEqual(await stores.checkSession({ sessionId }), { active: true });
    await service.client.logout({ refreshToken: '' }, as(accessToken));
    assert.deepEqual(await stores.checkSession({ sessionId }), { active: false });
  });

  it('says no for a session that has expired, and for one that never was', async () => {
    const { accessToken } = await registerSomebody(service.client);
    service.clock.advance(SESSION_IDLE_MS_MAX);
    assert.deepEqual(await stores.checkSession({ sessionId: sessionOf(accessToken) }), { active: false });
    assert.deepEqual(await stores.checkSession({ sessionId: 'ses_01h2xcejqtf2nbrexx3vqjhp41' }), { active: false });
  });

  it('costs one round trip to the database', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const sessionId = sessionOf(accessToken);
    const statements = await service.proxy.record(() => stores.checkSession({ sessionId }));
    assert.equal(statements.length, 1, statements.join('\n'));
  });

  it('answers every service that the policy names, by its certificate', async () => {
    const { accessToken } = await registerSomebody(service.client);
    for (const name of ['svc-stores', 'svc-transactions', 'svc-subscriptions']) {
      const client = await service.clientAs(name);
      assert.deepEqual(await client.checkSession({ sessionId: sessionOf(accessToken) }), { active: true });
    }
  });

  it('refuses every other certificate, a developer’s among them, whatever token it brings', async () => {
    const { accessToken } = await registerSomebody(service.client);
    for (const name of ['edge-gateway', 'svc-users', 'developer', 'svc-stores-2']) {
      const client = await service.clientAs(name);
      const call = client.checkSession({ sessionId: sessionOf(accessToken) }, as(accessToken));
      await rejectsWith(call, 'PERMISSION_DENIED', 'CALLER_NOT_ALLOWED');
    }
  });

  it('names the field of an id that is none', async () => {
    const said = await rejectsWith(stores.checkSession({ sessionId: 'x' }), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
    assert.equal(said.fields[0]?.field, 'session_id');
  });
});

function sessionOf(accessToken: string): string {
  return String(decodeJwt(accessToken).sid);
}
