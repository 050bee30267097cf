import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { StaffRole } from '@malla/proto/malla/stores/v1/store';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { type ExternalIssuerFake, startIssuer } from '../support/issuer.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newStore } from '../support/shop.ts';

describe('A token of an external issuer', () => {
  let issuer: ExternalIssuerFake;
  let stranger: ExternalIssuerFake;
  let service: TestService;
  before(async () => {
    [issuer, stranger] = await Promise.all([startIssuer('tenant.auth0.test'), startIssuer('other.auth0.test')]);
    service = await startTestService({ externalIssuers: [issuer.config] });
  });
  after(async () => {
    await service.stop();
    await Promise.all([issuer.goAway(), stranger.goAway()]);
  });

  const openStore = async (token: string) => {
    const { store } = await service.edge.stores.createStore({ store: newStore() }, as(token));
    return store?.storeId ?? '';
  };

  it('stands for the user that svc-users knows its subject by, whichever of its tokens that is', async () => {
    const sub = `auth0|${randomUUID()}`;
    const storeId = await openStore(await issuer.token(sub));
    const another = as(await issuer.token(sub));
    const { members } = await service.edge.staff.getStaff({ storeId }, another);
    assert.deepEqual(
      members.map(({ userId, role }) => [userId, role]),
      [[service.users.userOf(sub), StaffRole.OWNER]],
    );
    const { stores } = await service.edge.staff.listMyStores({ pageSize: 0, pageToken: '' }, another);
    assert.deepEqual(
      stores.map(({ store }) => store?.storeId),
      [storeId],
    );
  });

  it('works where the policy demands a live session, and with a sid that is not one of ours', async () => {
    const owner = await issuer.token(`auth0|${randomUUID()}`, { sid: 'not-ours' });
    const storeId = await openStore(owner);
    await service.edge.stores.closeStore({ storeId }, as(owner));
  });

  it('opens nothing of somebody else’s', async () => {
    const storeId = await openStore(await issuer.token(`auth0|${randomUUID()}`));
    const other = as(await issuer.token(`auth0|${randomUUID()}`));
    await rejectsWith(service.edge.stores.closeStore({ storeId }, other), 'PERMISSION_DENIED', 'ROLE_MISSING');
  });

  it('is refused when it belongs to a machine', async () => {
    const machine = as(await issuer.token('client@clients'));
    const attempt = service.edge.stores.createStore({ store: newStore() }, machine);
    await rejectsWith(attempt, 'PERMISSION_DENIED', 'SUBJECT_NOT_A_USER');
  });

  it('is refused of another issuer, for another audience, and when it has expired', async () => {
    const sub = `auth0|${randomUUID()}`;
    const refused = {
      TOKEN_ISSUER_UNKNOWN: await stranger.token(sub),
      TOKEN_SIGNATURE_INVALID: await stranger.token(sub, { iss: issuer.config.issuer }),
      TOKEN_AUDIENCE_WRONG: await issuer.token(sub, { aud: 'https://api.else.test' }),
      TOKEN_EXPIRED: await issuer.token(sub, { exp: Math.floor(Date.now() / 1000) - 3_600 }),
    };
    for (const [reason, token] of Object.entries(refused)) {
      const attempt = service.edge.stores.createStore({ store: newStore() }, as(token));
      await rejectsWith(attempt, 'UNAUTHENTICATED', reason);
    }
  });
});
