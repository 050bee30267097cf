import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { ListStockEntriesRequest, ListStockEntriesResponse } from '@malla/proto/malla/stores/v1/stock_service';
import type { PageTokens } from '../crypto/page-tokens.ts';
import { listStockEntries, type ManageStockDeps } from '../domain/manage-stock.ts';
import { toEntryMessage } from './stock-mapper.ts';

export function listStockEntriesHandler(
  deps: Pick<ManageStockDeps, 'stockQueries'> & { pageTokens: PageTokens },
): UnaryHandler<ListStockEntriesRequest, ListStockEntriesResponse> {
  return async ({ variantId, pageSize, pageToken }, call) => {
    const list = ['ListStockEntries', variantId];
    const [before] = deps.pageTokens.read(list, pageToken);
    const { items, next } = await listStockEntries(userOf(call).userId, variantId, pageSize, before, deps);
    return { entries: items.map(toEntryMessage), nextPageToken: deps.pageTokens.write(list, [next]) };
  };
}
