import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  GetManagedProductRequest,
  GetManagedProductResponse,
} from '@malla/proto/malla/stores/v1/products_service';
import { getManagedProduct, type ReadProductsDeps } from '../domain/read-products.ts';
import { toProductMessage } from './product-mapper.ts';

export function getManagedProductHandler(
  deps: ReadProductsDeps,
): UnaryHandler<GetManagedProductRequest, GetManagedProductResponse> {
  return async ({ productId }, call) => ({
    product: toProductMessage(await getManagedProduct(userOf(call).userId, productId, deps)),
  });
}
