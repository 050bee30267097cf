import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { CreateStoreRequest, CreateStoreResponse } from '@malla/proto/malla/stores/v1/stores_service';
import { createStore, type ManageStoreDeps } from '../domain/manage-store.ts';
import { fromStoreMessage, toStoreMessage } from './store-mapper.ts';

export function createStoreHandler(deps: ManageStoreDeps): UnaryHandler<CreateStoreRequest, CreateStoreResponse> {
  return async ({ store }, call) => ({
    store: toStoreMessage(await createStore(userOf(call).userId, fromStoreMessage(store), deps)),
  });
}
