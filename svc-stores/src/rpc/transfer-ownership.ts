import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { TransferOwnershipRequest, TransferOwnershipResponse } from '@malla/proto/malla/stores/v1/staff_service';
import { type ManageStaffDeps, transferOwnership } from '../domain/manage-staff.ts';

export function transferOwnershipHandler(
  deps: ManageStaffDeps,
): UnaryHandler<TransferOwnershipRequest, TransferOwnershipResponse> {
  return async ({ storeId, userId }, call) => {
    await transferOwnership(userOf(call).userId, storeId, userId, deps);
    return {};
  };
}
