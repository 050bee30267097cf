import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  ListManagedProductsRequest,
  ListManagedProductsResponse,
} from '@malla/proto/malla/stores/v1/products_service';
import type { PageTokens } from '../crypto/page-tokens.ts';
import { listManagedProducts, type ReadProductsDeps } from '../domain/read-products.ts';
import { fitting } from './fitting.ts';
import { fromProductState, toProductMessage } from './product-mapper.ts';

export function listManagedProductsHandler(
  deps: ReadProductsDeps & { pageTokens: PageTokens },
): UnaryHandler<ListManagedProductsRequest, ListManagedProductsResponse> {
  return async ({ storeId, state, pageSize, pageToken }, call) => {
    const list = ['ListManagedProducts', storeId, state];
    const [before] = deps.pageTokens.read(list, pageToken);
    const request = { storeId, state: fromProductState(state), pageSize, before };
    const { items, next } = await listManagedProducts(userOf(call).userId, request, deps);
    const products = fitting(items.map(toProductMessage));
    const last = products.length < items.length ? products.at(-1)?.productId : next;
    return { products, nextPageToken: deps.pageTokens.write(list, [last]) };
  };
}
