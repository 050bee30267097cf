import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { ListMyStoresRequest, ListMyStoresResponse } from '@malla/proto/malla/stores/v1/staff_service';
import type { PageTokens } from '../crypto/page-tokens.ts';
import { listMyStores, type ManageStoreDeps } from '../domain/manage-store.ts';
import { toRole, toStoreMessage } from './store-mapper.ts';

export function listMyStoresHandler(
  deps: Pick<ManageStoreDeps, 'stores'> & { pageTokens: PageTokens },
): UnaryHandler<ListMyStoresRequest, ListMyStoresResponse> {
  return async ({ pageSize, pageToken }, call) => {
    const { userId } = userOf(call);
    const list = ['ListMyStores', userId];
    const [before] = deps.pageTokens.read(list, pageToken);
    const { items, next } = await listMyStores(userId, pageSize, before, deps);
    const stores = items.map(({ store, role }) => ({ store: toStoreMessage(store), role: toRole(role) }));
    return { stores, nextPageToken: deps.pageTokens.write(list, [next]) };
  };
}
