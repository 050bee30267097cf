import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { StaffRole } from '@malla/proto/malla/stores/v1/store';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openShop, type Shop } from '../support/shop.ts';
import { newUserId } from '../support/users.ts';

describe('After a takeover', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  const hire = (shop: Shop, userId: string, role: StaffRole = StaffRole.MANAGER) =>
    service.edge.staff.setStaffRole({ storeId: shop.storeId, userId, role }, shop.owner);
  const members = async (shop: Shop) => {
    const rows = await service.edge.staff.getStaff({ storeId: shop.storeId }, shop.owner);
    return rows.members.map(({ userId }) => userId);
  };
  /** Ends when every takeover is applied. */
  const takeOver = async (userId: string) => {
    await sleep(2);
    const sequence = service.users.takeovers.push({ userId, takeOverTime: service.clock.now() });
    const sql = "SELECT 1 FROM feed_cursors WHERE feed = 'takeovers/roles' AND sequence >= ?";
    while ((await service.sql(sql, [sequence])).length === 0) await sleep(50);
  };

  it('whoever was let into the account’s stores is out, and the stores stay with the account', async () => {
    const [shop, other, accomplice] = [await openShop(service), await openShop(service), newUserId()];
    await hire(shop, accomplice);
    await hire(shop, newUserId(), StaffRole.CLERK);
    await hire(other, accomplice);
    await takeOver(shop.ownerId);
    assert.deepEqual(await members(shop), [shop.ownerId]);
    assert.deepEqual(await members(other), [other.ownerId, accomplice]);
    const get = service.edge.staff.getStaff({ storeId: shop.storeId }, as(await service.users.token(accomplice)));
    await rejectsWith(get, 'PERMISSION_DENIED', 'ROLE_MISSING');
  });

  it('the account is out of the stores of others', async () => {
    const [shop, colleague, squatter] = [await openShop(service), newUserId(), newUserId()];
    for (const userId of [colleague, squatter]) await hire(shop, userId);
    await takeOver(squatter);
    assert.deepEqual(await members(shop), [shop.ownerId, colleague]);
  });

  it('roles that were given afterwards stay, whatever else is taken over', async () => {
    const [shop, colleague] = [await openShop(service), newUserId()];
    await takeOver(shop.ownerId);
    await hire(shop, colleague);
    await takeOver(newUserId());
    assert.deepEqual(await members(shop), [shop.ownerId, colleague]);
  });

  it('svc-transactions is told which stores the account owns, and nobody else is', async () => {
    const [shop, other] = [await openShop(service), await openShop(service)];
    await hire(other, shop.ownerId);
    const request = { userId: shop.ownerId };
    assert.deepEqual((await service.transactions.staff.listOwnedStores(request)).storeIds, [shop.storeId]);
    const nobody = await service.transactions.staff.listOwnedStores({ userId: newUserId() });
    assert.deepEqual(nobody.storeIds, []);
    const call = service.edge.staff.listOwnedStores(request, shop.owner);
    await rejectsWith(call, 'PERMISSION_DENIED', 'CALLER_NOT_ALLOWED');
  });
});
