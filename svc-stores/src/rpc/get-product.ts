import type { UnaryHandler } from '@malla/chassis/unary';
import type { GetProductRequest, GetProductResponse } from '@malla/proto/malla/stores/v1/catalog_service';
import { getProduct, type ReadProductsDeps } from '../domain/read-products.ts';
import { toProductMessage } from './product-mapper.ts';

export function getProductHandler(deps: ReadProductsDeps): UnaryHandler<GetProductRequest, GetProductResponse> {
  return async ({ productId }) => ({ product: toProductMessage(await getProduct(productId, deps)) });
}
