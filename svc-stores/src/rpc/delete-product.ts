import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { DeleteProductRequest, DeleteProductResponse } from '@malla/proto/malla/stores/v1/products_service';
import { deleteProduct, type ManageProductDeps } from '../domain/manage-product.ts';

export function deleteProductHandler(
  deps: ManageProductDeps,
): UnaryHandler<DeleteProductRequest, DeleteProductResponse> {
  return async ({ productId }, call) => {
    await deleteProduct(userOf(call).userId, productId, deps);
    return {};
  };
}
