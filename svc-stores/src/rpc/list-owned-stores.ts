import type { UnaryHandler } from '@malla/chassis/unary';
import type { ListOwnedStoresRequest, ListOwnedStoresResponse } from '@malla/proto/malla/stores/v1/staff_service';
import type { Staff } from '../domain/ports.ts';

export function listOwnedStoresHandler(deps: {
  staff: Staff;
}): UnaryHandler<ListOwnedStoresRequest, ListOwnedStoresResponse> {
  return async ({ userId }) => ({ storeIds: await deps.staff.listOwned(userId) });
}
