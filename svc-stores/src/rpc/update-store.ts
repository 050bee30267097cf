import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { UpdateStoreRequest, UpdateStoreResponse } from '@malla/proto/malla/stores/v1/stores_service';
import { type ManageStoreDeps, updateStore } from '../domain/manage-store.ts';
import { fromStoreMessage, toStoreMessage } from './store-mapper.ts';

export function updateStoreHandler(deps: ManageStoreDeps): UnaryHandler<UpdateStoreRequest, UpdateStoreResponse> {
  return async ({ store, updateMask }, call) => {
    const updated = await updateStore(userOf(call).userId, fromStoreMessage(store), updateMask ?? [], deps);
    return { store: toStoreMessage(updated) };
  };
}
