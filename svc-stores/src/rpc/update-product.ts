import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { UpdateProductRequest, UpdateProductResponse } from '@malla/proto/malla/stores/v1/products_service';
import { type ManageProductDeps, updateProduct } from '../domain/manage-product.ts';
import { getManagedProduct } from '../domain/read-products.ts';
import { fromProductMessage, toProductMessage } from './product-mapper.ts';

export function updateProductHandler(
  deps: ManageProductDeps,
): UnaryHandler<UpdateProductRequest, UpdateProductResponse> {
  return async ({ product, updateMask }, call) => {
    const { userId } = userOf(call);
    const update = fromProductMessage(product);
    await updateProduct(userId, update, updateMask ?? [], deps);
    return { product: toProductMessage(await getManagedProduct(userId, update.productId, deps)) };
  };
}
