import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { ReopenStoreRequest, ReopenStoreResponse } from '@malla/proto/malla/stores/v1/stores_service';
import { type ManageStoreDeps, setStoreState } from '../domain/manage-store.ts';
import { toStoreMessage } from './store-mapper.ts';

export function reopenStoreHandler(deps: ManageStoreDeps): UnaryHandler<ReopenStoreRequest, ReopenStoreResponse> {
  return async ({ storeId }, call) => ({
    store: toStoreMessage(await setStoreState(userOf(call).userId, storeId, 'open', deps)),
  });
}
