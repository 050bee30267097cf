import type { UnaryHandler } from '@malla/chassis/unary';
import type { ListStoresRequest, ListStoresResponse } from '@malla/proto/malla/stores/v1/stores_service';
import type { PageTokens } from '../crypto/page-tokens.ts';
import { listStores, type ManageStoreDeps } from '../domain/manage-store.ts';
import { toStoreMessage } from './store-mapper.ts';

export function listStoresHandler(
  deps: Pick<ManageStoreDeps, 'stores'> & { pageTokens: PageTokens },
): UnaryHandler<ListStoresRequest, ListStoresResponse> {
  const list = ['ListStores'];
  return async ({ pageSize, pageToken }) => {
    const [before] = deps.pageTokens.read(list, pageToken);
    const { items, next } = await listStores(pageSize, before, deps);
    return { stores: items.map(toStoreMessage), nextPageToken: deps.pageTokens.write(list, [next]) };
  };
}
