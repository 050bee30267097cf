import { DomainError } from '@malla/chassis/errors';
import type { Clock } from './clock.ts';
import { lockStore, requireRoom } from './manage-store.ts';
import type { Staff, Stores, Transact } from './ports.ts';
import { invalid } from './resource.ts';
import { requireRole, type StaffMember, type StaffRole } from './staff.ts';

export interface ManageStaffDeps {
  readonly transact: Transact;
  readonly stores: Stores;
  readonly staff: Staff;
  /** Asks whether there is a user. */
  readonly userExists: (userId: string) => Promise<boolean>;
  readonly clock: Clock;
}

const STAFF_MAX = 200;

/** The owner and the staff of a store, for its staff. @throws DomainError `forbidden` or `not-found`. */
export async function getStaff(userId: string, storeId: string, { staff }: Pick<ManageStaffDeps, 'staff'>) {
  requireRole(await staff.roleOf(storeId, userId), 'clerk');
  return staff.list(storeId);
}

/**
 * Gives a user a role. The store's row is locked, so that changes of its staff come one after another.
 * @throws DomainError `forbidden` (ROLE_MISSING), `invalid` (USER_NOT_FOUND), `precondition` (OWNER_FIXED) or `exhausted`
 *   (STAFF_TOO_MANY).
 */
export async function setStaffRole(
  ownerId: string,
  { storeId, userId, role }: { storeId: string; userId: string; role: Exclude<StaffRole, 'owner'> },
  deps: ManageStaffDeps,
): Promise<StaffMember> {
  await checkUser(ownerId, storeId, userId, deps);
  return deps.transact(async () => {
    await lockStore(storeId, deps.stores);
    requireRole(await deps.staff.roleOf(storeId, ownerId), 'owner');
    const members = await deps.staff.list(storeId);
    const known = members.find((member) => member.userId === userId);
    if (known?.role === 'owner') throw ownerFixed();
    if (!known && members.length >= STAFF_MAX) {
      throw new DomainError('exhausted', 'STAFF_TOO_MANY', `A store has at most ${STAFF_MAX} members of staff.`);
    }
    const member = { storeId, userId, role, createTime: known?.createTime ?? deps.clock.now() };
    await deps.staff.put(member);
    return member;
  });
}

/**
 * Takes a user's role away: the owner does so, or the user.
 * @throws DomainError `forbidden` (ROLE_MISSING) or `precondition` (OWNER_FIXED).
 */
export async function removeStaff(
  callerId: string,
  storeId: string,
  userId: string,
  deps: ManageStaffDeps,
): Promise<void> {
  await deps.transact(async () => {
    await lockStore(storeId, deps.stores);
    // Who leaves may have left before, and lost the answer.
    if (callerId !== userId) requireRole(await deps.staff.roleOf(storeId, callerId), 'owner');
    if ((await deps.staff.find(storeId, userId))?.role === 'owner') throw ownerFixed();
    await deps.staff.remove(storeId, userId);
  });
}

/**
 * Makes a member of the staff the owner, and the owner a manager.
 * @throws DomainError `forbidden` (ROLE_MISSING), `invalid` (USER_NOT_FOUND), `precondition` (NOT_STAFF) or `exhausted`
 *   (STORES_TOO_MANY).
 */
export async function transferOwnership(
  ownerId: string,
  storeId: string,
  userId: string,
  deps: ManageStaffDeps,
): Promise<void> {
  await checkUser(ownerId, storeId, userId, deps);
  await deps.transact(async () => {
    await lockStore(storeId, deps.stores);
    requireRole(await deps.staff.roleOf(storeId, ownerId), 'owner');
    const heir = await deps.staff.find(storeId, userId);
    const owner = await deps.staff.find(storeId, ownerId);
    if (!heir || !owner) {
      const fields = [{ field: 'user_id', reason: 'NOT_STAFF', description: 'is nobody who works for the store' }];
      throw new DomainError('precondition', 'NOT_STAFF', 'The user does not work for the store.', { fields });
    }
    if (heir.role !== 'owner') await requireRoom(userId, deps);
    await deps.staff.put({ ...owner, role: 'manager' });
    await deps.staff.put({ ...heir, role: 'owner' });
  });
}

/** Asks for the owner alone whether there is a user, and before the transaction: svc-users may take its time. */
async function checkUser(ownerId: string, storeId: string, userId: string, deps: ManageStaffDeps): Promise<void> {
  requireRole(await deps.staff.roleOf(storeId, ownerId), 'owner');
  if (await deps.userExists(userId)) return;
  const fields = [{ field: 'user_id', reason: 'USER_NOT_FOUND', description: 'is no user' }];
  throw invalid('USER_NOT_FOUND', 'There is no such user.', fields);
}

function ownerFixed(): DomainError {
  const message = 'The owner stays the owner until the store is handed over.';
  const fields = [{ field: 'user_id', reason: 'OWNER_FIXED', description: 'is the owner' }];
  return new DomainError('precondition', 'OWNER_FIXED', message, { fields });
}
