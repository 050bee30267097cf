import type { UnaryHandler } from '@malla/chassis/unary';
import type { BatchGetProductsRequest, BatchGetProductsResponse } from '@malla/proto/malla/stores/v1/catalog_service';
import { batchGetProducts, type ReadProductsDeps } from '../domain/read-products.ts';
import { fitting } from './fitting.ts';
import { toProductMessage } from './product-mapper.ts';

export function batchGetProductsHandler(
  deps: ReadProductsDeps,
): UnaryHandler<BatchGetProductsRequest, BatchGetProductsResponse> {
  return async ({ productIds }) => {
    const found = (await batchGetProducts(productIds, deps)).map(toProductMessage);
    const products = fitting(found);
    return { products, leftOutProductIds: found.slice(products.length).map(({ productId }) => productId) };
  };
}
