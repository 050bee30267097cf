import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { as, type UsersClient } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { registerSomebody, startTestService, type TestService } from '../support/service.ts';

describe('UsersService/CheckUser', () => {
  let service: TestService;
  let stores: UsersClient;
  before(async () => {
    service = await startTestService();
    stores = await service.clientAs('svc-stores');
  });
  after(() => service.stop());

  it('tells a service whether there is a user, in one round trip', async () => {
    const { accessToken, email } = await registerSomebody(service.client);
    const userId = String(decodeJwt(accessToken).sub);
    const { user } = await service.client.getProfile({}, as(accessToken));
    const known = { exists: true, displayName: user?.displayName, email };
    assert.deepEqual(await stores.checkUser({ userId }), known);
    assert.deepEqual(await (await service.clientAs('svc-transactions')).checkUser({ userId }), known);
    const nobody = { exists: false, displayName: '', email: '' };
    assert.deepEqual(await stores.checkUser({ userId: 'usr_01h2xcejqtf2nbrexx3vqjhp41' }), nobody);
    const statements = await service.proxy.record(() => stores.checkUser({ userId }));
    assert.equal(statements.length, 1, statements.join('\n'));
  });

  it('refuses every certificate that the policy does not name, whatever token it brings', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const userId = String(decodeJwt(accessToken).sub);
    for (const name of ['edge-gateway', 'svc-subscriptions', 'developer']) {
      const call = (await service.clientAs(name)).checkUser({ userId }, as(accessToken));
      await rejectsWith(call, 'PERMISSION_DENIED', 'CALLER_NOT_ALLOWED');
    }
  });

  it('names the field of an id that is none', async () => {
    const said = await rejectsWith(stores.checkUser({ userId: 'x' }), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
    assert.equal(said.fields[0]?.field, 'user_id');
  });
});
