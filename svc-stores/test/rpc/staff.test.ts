import assert from 'node:assert/strict';
import { StaffRole } from '@malla/proto/malla/stores/v1/store';
import { writeId } from '../../src/data/columns.ts';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newProduct, openShop, type Shop } from '../support/shop.ts';
import { newUserId } from '../support/users.ts';

describe('StaffService', () => {
  let service: TestService;
  let shop: Shop;
  before(async () => {
    service = await startTestService();
  });
  beforeEach(async () => {
    shop = await openShop(service);
  });
  after(() => service.stop());

  const hire = async (role: StaffRole) => {
    const userId = newUserId();
    await service.edge.staff.setStaffRole({ storeId: shop.storeId, userId, role }, shop.owner);
    return { userId, options: as(await service.users.token(userId)) };
  };
  const roles = async () => {
    const { members } = await service.edge.staff.getStaff({ storeId: shop.storeId }, shop.owner);
    return new Map(members.map(({ userId, role }) => [userId, role]));
  };
  const transfer = (userId: string, who = shop.owner) =>
    service.edge.staff.transferOwnership({ storeId: shop.storeId, userId }, who);

  it('lets each role do what it may', async () => {
    const manager = await hire(StaffRole.MANAGER);
    const clerk = await hire(StaffRole.CLERK);
    const product = newProduct();
    const create = (who: typeof shop.owner) =>
      service.edge.products.createProduct({ storeId: shop.storeId, product }, who);
    await rejectsWith(create(clerk.options), 'PERMISSION_DENIED', 'ROLE_MISSING');
    const { product: made } = await create(manager.options);
    await service.edge.products.getManagedProduct({ productId: made?.productId ?? '' }, clerk.options);
    const close = service.edge.stores.closeStore({ storeId: shop.storeId }, manager.options);
    const said = await rejectsWith(close, 'PERMISSION_DENIED', 'ROLE_MISSING');
    assert.equal(said.metadata?.role, 'owner');
  });

  it('changes a role and takes it away, also at the request of who has it', async () => {
    const { userId, options } = await hire(StaffRole.CLERK);
    await service.edge.staff.setStaffRole({ storeId: shop.storeId, userId, role: StaffRole.MANAGER }, shop.owner);
    assert.equal((await roles()).get(userId), StaffRole.MANAGER);
    for (const who of [options, options, shop.owner]) {
      await service.edge.staff.removeStaff({ storeId: shop.storeId, userId }, who);
    }
    assert.deepEqual([...(await roles()).keys()], [shop.ownerId]);
  });

  it('keeps one owner, who stays until the store is handed over', async () => {
    const own = { storeId: shop.storeId, userId: shop.ownerId };
    const clerk = { ...own, role: StaffRole.CLERK };
    const refusals = [
      await rejectsWith(service.edge.staff.removeStaff(own, shop.owner), 'FAILED_PRECONDITION', 'OWNER_FIXED'),
      await rejectsWith(service.edge.staff.setStaffRole(clerk, shop.owner), 'FAILED_PRECONDITION', 'OWNER_FIXED'),
      await rejectsWith(transfer(newUserId()), 'FAILED_PRECONDITION', 'NOT_STAFF'),
    ];
    for (const { fields } of refusals) assert.equal(fields[0]?.field, 'user_id');
    const heir = await hire(StaffRole.CLERK);
    await transfer(heir.userId);
    const after = await service.edge.staff.getStaff({ storeId: shop.storeId }, heir.options);
    assert.deepEqual(Object.fromEntries(after.members.map(({ userId, role }) => [userId, role])), {
      [shop.ownerId]: StaffRole.MANAGER,
      [heir.userId]: StaffRole.OWNER,
    });
  });

  it('hands the store to one of two when both are chosen at once', async () => {
    const heirs = [await hire(StaffRole.MANAGER), await hire(StaffRole.MANAGER)];
    const outcomes = await Promise.allSettled(heirs.map(({ userId }) => transfer(userId)));
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal([...(await roles()).values()].filter((role) => role === StaffRole.OWNER).length, 1);
  });

  it('has 200 members of staff when 64 are let in at once', async () => {
    const store = [writeId('store', shop.storeId)];
    const clerk = `INSERT INTO staff SELECT ?, UUID_TO_BIN(UUID()), 'clerk', UTC_TIMESTAMP(3)`;
    for (let made = 0; made < 159; made += 1) await service.sql(clerk, store);
    const outcomes = await Promise.allSettled(Array.from({ length: 64 }, () => hire(StaffRole.CLERK)));
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 40);
    assert.equal((await roles()).size, 200);
    await rejectsWith(hire(StaffRole.CLERK), 'RESOURCE_EXHAUSTED', 'STAFF_TOO_MANY');
  });

  it('gives neither a role nor the store to a user who does not exist, and tells nobody but the owner', async () => {
    const { storeId } = shop;
    const userId = service.users.nobody();
    const hireNobody = (who: typeof shop.owner) =>
      service.edge.staff.setStaffRole({ storeId, userId, role: StaffRole.MANAGER }, who);
    for (const call of [hireNobody(shop.owner), transfer(userId)]) {
      const said = await rejectsWith(call, 'INVALID_ARGUMENT', 'USER_NOT_FOUND');
      assert.equal(said.fields[0]?.field, 'user_id');
    }
    const manager = await hire(StaffRole.MANAGER);
    await rejectsWith(hireNobody(manager.options), 'PERMISSION_DENIED', 'ROLE_MISSING');
    await rejectsWith(transfer(userId, manager.options), 'PERMISSION_DENIED', 'ROLE_MISSING');
  });

  it('gives nobody a second owner, and shows the staff to nobody else', async () => {
    const request = { storeId: shop.storeId, userId: newUserId(), role: StaffRole.OWNER };
    await rejectsWith(service.edge.staff.setStaffRole(request, shop.owner), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
    const stranger = as(await service.users.token());
    const peek = service.edge.staff.getStaff({ storeId: shop.storeId }, stranger);
    await rejectsWith(peek, 'PERMISSION_DENIED', 'ROLE_MISSING');
  });

  it('asks svc-users whether the session is alive before the staff changes', async () => {
    const { sessionId, token } = await service.users.session(shop.ownerId);
    const heir = await hire(StaffRole.MANAGER);
    service.users.endSession(sessionId);
    await rejectsWith(transfer(heir.userId, as(token)), 'UNAUTHENTICATED', 'SESSION_REVOKED');
    await service.edge.staff.getStaff({ storeId: shop.storeId }, as(token));
  });
});
