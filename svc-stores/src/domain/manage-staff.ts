import { DomainError } from '@malla/chassis/errors';
import type { Clock } from './clock.ts';
import { lockStore } from './manage-store.ts';
import type { Staff, Stores, Transact } from './ports.ts';
import { requireRole, type StaffMember, type StaffRole } from './staff.ts';

export interface ManageStaffDeps {
  readonly transact: Transact;
  readonly stores: Stores;
  readonly staff: Staff;
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
 * @throws DomainError `forbidden` (ROLE_MISSING), `precondition` (OWNER_FIXED) or `exhausted` (STAFF_TOO_MANY).
 */
export async function setStaffRole(
  ownerId: string,
  { storeId, userId, role }: { storeId: string; userId: string; role: Exclude<StaffRole, 'owner'> },
  deps: ManageStaffDeps,
): Promise<StaffMember> {
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
    const callerRole = await deps.staff.roleOf(storeId, callerId);
    requireRole(callerRole, callerId === userId ? 'clerk' : 'owner');
    if ((await deps.staff.find(storeId, userId))?.role === 'owner') throw ownerFixed();
    await deps.staff.remove(storeId, userId);
  });
}

/**
 * Makes a member of the staff the owner, and the owner a manager.
 * @throws DomainError `forbidden` (ROLE_MISSING) or `precondition` (NOT_STAFF).
 */
export async function transferOwnership(
  ownerId: string,
  storeId: string,
  userId: string,
  deps: ManageStaffDeps,
): Promise<void> {
  await deps.transact(async () => {
    await lockStore(storeId, deps.stores);
    requireRole(await deps.staff.roleOf(storeId, ownerId), 'owner');
    const heir = await deps.staff.find(storeId, userId);
    const owner = await deps.staff.find(storeId, ownerId);
    if (!heir || !owner) {
      throw new DomainError('precondition', 'NOT_STAFF', 'The user does not work for the store.');
    }
    await deps.staff.put({ ...owner, role: 'manager' });
    await deps.staff.put({ ...heir, role: 'owner' });
  });
}

function ownerFixed(): DomainError {
  return new DomainError('precondition', 'OWNER_FIXED', 'The owner stays the owner until the store is handed over.');
}
