import type { UnaryHandler } from '@malla/chassis/unary';
import type { GetStoreRequest, GetStoreResponse } from '@malla/proto/malla/stores/v1/stores_service';
import { getStore, type ManageStoreDeps } from '../domain/manage-store.ts';
import { toStoreMessage } from './store-mapper.ts';

export function getStoreHandler(
  deps: Pick<ManageStoreDeps, 'stores'>,
): UnaryHandler<GetStoreRequest, GetStoreResponse> {
  return async ({ name }) => ({
    store: toStoreMessage(await getStore(name?.$case ?? 'slug', name?.value ?? '', deps)),
  });
}
