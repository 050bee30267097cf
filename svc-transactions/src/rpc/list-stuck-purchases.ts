import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  ListStuckPurchasesRequest,
  ListStuckPurchasesResponse,
} from '@malla/proto/malla/transactions/v1/purchases_service';
import type { PageTokens } from '../crypto/page-tokens.ts';
import { listStuckPurchases, type StuckDeps } from '../domain/purchases/stuck.ts';
import { toStuckMessage } from './purchase-mapper.ts';

const LIST = ['ListStuckPurchases'];

export function listStuckPurchasesHandler(
  deps: StuckDeps & { readonly pageTokens: PageTokens },
): UnaryHandler<ListStuckPurchasesRequest, ListStuckPurchasesResponse> {
  return async ({ minAge, pageSize, pageToken }) => {
    const [after] = deps.pageTokens.read(LIST, pageToken);
    const minAgeMs = minAge && Number(minAge.seconds) * 1_000 + minAge.nanos / 1e6;
    const { items, next } = await listStuckPurchases(minAgeMs, pageSize, after, deps);
    return { purchases: items.map(toStuckMessage), nextPageToken: deps.pageTokens.write(LIST, [next]) };
  };
}
