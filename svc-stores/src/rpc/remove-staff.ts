import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { RemoveStaffRequest, RemoveStaffResponse } from '@malla/proto/malla/stores/v1/staff_service';
import { type ManageStaffDeps, removeStaff } from '../domain/manage-staff.ts';

export function removeStaffHandler(deps: ManageStaffDeps): UnaryHandler<RemoveStaffRequest, RemoveStaffResponse> {
  return async ({ storeId, userId }, call) => {
    await removeStaff(userOf(call).userId, storeId, userId, deps);
    return {};
  };
}
