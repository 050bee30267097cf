import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  ListManagedProductsRequest,
  ListManagedProductsResponse,
} from '@malla/proto/malla/stores/v1/products_service';
import type { PageTokens } from '../crypto/page-tokens.ts';
import { listManagedProducts, type ReadProductsDeps } from '../domain/read-products.ts';
import { fromProductState, toProductMessage } from './product-mapper.ts';

export function listManagedProductsHandler(
  deps: ReadProductsDeps & { pageTokens: PageTokens },
): UnaryHandler<ListManagedProductsRequest, ListManagedProductsResponse> {
  return async ({ storeId, state, pageSize, pageToken }, call) => {
    const list = ['ListManagedProducts', storeId, state];
    const [before] = deps.pageTokens.read(list, pageToken);
    const request = { storeId, state: fromProductState(state), pageSize, before };
    const { items, next } = await listManagedProducts(userOf(call).userId, request, deps);
    return { products: items.map(toProductMessage), nextPageToken: deps.pageTokens.write(list, [next]) };
  };
}
