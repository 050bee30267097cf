import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { GetStaffRequest, GetStaffResponse } from '@malla/proto/malla/stores/v1/staff_service';
import { getStaff, type ManageStaffDeps } from '../domain/manage-staff.ts';
import { toMemberMessage } from './store-mapper.ts';

export function getStaffHandler(deps: Pick<ManageStaffDeps, 'staff'>): UnaryHandler<GetStaffRequest, GetStaffResponse> {
  return async ({ storeId }, call) => ({
    members: (await getStaff(userOf(call).userId, storeId, deps)).map(toMemberMessage),
  });
}
