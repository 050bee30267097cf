import { openChannel } from '@malla/chassis/channel';
import { createClient } from '@malla/chassis/client';
import { DomainError } from '@malla/chassis/errors';
import { isServiceError, readStatus } from '@malla/chassis/status';
import type { MeshTls } from '@malla/chassis/tls';
import type { Contract } from '@malla/proto/contract';
import { StaffServiceService } from '@malla/proto/malla/stores/v1/staff_service';
import { StaffRole as RoleMessage, StoreState } from '@malla/proto/malla/stores/v1/store';
import { StoresServiceService } from '@malla/proto/malla/stores/v1/stores_service';
import type { StoreDirectory } from '../domain/payments/ports.ts';
import type { StaffRole, StoreManagers, StoreStaff } from '../domain/ports.ts';

/** What this service asks of svc-stores. */
export interface Stores extends StoreStaff, StoreManagers, StoreDirectory {
  /** The ids of the stores that a user owns. */
  listOwnedStores(userId: string): Promise<string[]>;
  close(): void;
}

const ROLES = new Map<RoleMessage, StaffRole>([
  [RoleMessage.OWNER, 'owner'],
  [RoleMessage.MANAGER, 'manager'],
  [RoleMessage.CLERK, 'clerk'],
]);

export function connectStores(contract: Contract, target: string, tls: MeshTls): Stores {
  const channel = openChannel({ contract, service: 'svc-stores', target, tls });
  const staff = createClient(channel, StaffServiceService, contract);
  const stores = createClient(channel, StoresServiceService, contract);
  // The caller's own token goes along: svc-stores answers its staff and nobody else.
  const roleOf = async (storeId: string, callerId: string) => {
    const { members } = await staff.getStaff({ storeId }).catch(strangersToo);
    const own = members.find(({ userId }) => userId === callerId);
    return own && ROLES.get(own.role);
  };
  return {
    requireStaff: async (storeId) => void (await staff.getStaff({ storeId }).catch(refused)),
    roleOf,
    requireManager: async (storeId, userId) => {
      const role = await roleOf(storeId, userId);
      if (role !== 'owner' && role !== 'manager') throw roleMissing();
    },
    requireOpenStore: async (storeId, field) => {
      const { store } = await stores.getStore({ name: { $case: 'storeId', value: storeId } }).catch(refused);
      if (store?.state !== StoreState.OPEN) throw storeClosed(field);
    },
    listOwnedStores: async (userId) => (await staff.listOwnedStores({ userId })).storeIds,
    close: () => channel.close(),
  };
}

/** What svc-stores says of the store and of the caller is the answer here too. */
function refused(error: unknown): never {
  const reason = isServiceError(error) ? readStatus(error).reason : undefined;
  if (reason === 'STORE_NOT_FOUND') throw new DomainError('not-found', reason, 'There is no such store.');
  if (reason === 'ROLE_MISSING') throw roleMissing();
  throw error;
}

function strangersToo(error: unknown) {
  if (isServiceError(error) && readStatus(error).reason === 'ROLE_MISSING') return { members: [] };
  return refused(error);
}

function storeClosed(field: string): DomainError {
  const fields = [{ field, reason: 'STORE_CLOSED', description: 'is of a store that is closed' }];
  return new DomainError('precondition', 'STORE_CLOSED', 'The store is closed and takes no payments.', { fields });
}

function roleMissing(): DomainError {
  return new DomainError('forbidden', 'ROLE_MISSING', 'The store has not given you the role that this takes.');
}
