import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { SetStaffRoleRequest, SetStaffRoleResponse } from '@malla/proto/malla/stores/v1/staff_service';
import { StaffRole } from '@malla/proto/malla/stores/v1/store';
import { type ManageStaffDeps, setStaffRole } from '../domain/manage-staff.ts';
import { toMemberMessage } from './store-mapper.ts';

export function setStaffRoleHandler(deps: ManageStaffDeps): UnaryHandler<SetStaffRoleRequest, SetStaffRoleResponse> {
  return async ({ storeId, userId, role }, call) => {
    const change = { storeId, userId, role: role === StaffRole.MANAGER ? 'manager' : 'clerk' } as const;
    return { member: toMemberMessage(await setStaffRole(userOf(call).userId, change, deps)) };
  };
}
