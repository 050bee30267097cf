import type { UnaryHandler } from '@malla/chassis/unary';
import type { ListProductsRequest, ListProductsResponse } from '@malla/proto/malla/stores/v1/catalog_service';
import type { PageTokens } from '../crypto/page-tokens.ts';
import { listProducts, type ReadProductsDeps } from '../domain/read-products.ts';
import { fitting } from './fitting.ts';
import { toProductMessage } from './product-mapper.ts';

export function listProductsHandler(
  deps: ReadProductsDeps & { pageTokens: PageTokens },
): UnaryHandler<ListProductsRequest, ListProductsResponse> {
  return async ({ storeId, pageSize, pageToken }) => {
    const list = ['ListProducts', storeId];
    const [before] = deps.pageTokens.read(list, pageToken);
    const { items, next } = await listProducts({ storeId, pageSize, before }, deps);
    const products = fitting(items.map(toProductMessage));
    const last = products.length < items.length ? products.at(-1)?.productId : next;
    return { products, nextPageToken: deps.pageTokens.write(list, [last]) };
  };
}
