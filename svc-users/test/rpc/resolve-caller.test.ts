import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { as, type UsersClient } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { type ExternalIssuerFake, startIssuer } from '../support/issuer.ts';
import { registerSomebody, startTestService, type TestService } from '../support/service.ts';

describe('UsersService/ResolveCaller', () => {
  let issuer: ExternalIssuerFake;
  let service: TestService;
  let stores: UsersClient;
  before(async () => {
    issuer = await startIssuer();
    service = await startTestService({ externalIssuers: [issuer.config] });
    stores = await service.clientAs('svc-stores');
  });
  after(async () => {
    await service.stop();
    await issuer.goAway();
  });

  it('tells a service whose token it has: one of ours, or an external one that is seen for the first time', async () => {
    const { accessToken } = await registerSomebody(service.client);
    for (const token of [accessToken, await issuer.token(`auth0|${randomUUID()}`)]) {
      const { userId } = await stores.resolveCaller({}, as(token));
      const { user } = await service.client.getProfile({}, as(token));
      assert.equal(userId, user?.userId);
    }
  });

  it('refuses a call without a token, or with a bad one', async () => {
    await rejectsWith(stores.resolveCaller({}), 'UNAUTHENTICATED', 'TOKEN_MISSING');
    await rejectsWith(stores.resolveCaller({}, as('x')), 'UNAUTHENTICATED', 'TOKEN_MALFORMED');
  });

  it('refuses callers that the policy does not name', async () => {
    const { accessToken } = await registerSomebody(service.client);
    const developer = await service.clientAs('developer');
    await rejectsWith(developer.resolveCaller({}, as(accessToken)), 'PERMISSION_DENIED', 'CALLER_NOT_ALLOWED');
  });
});
