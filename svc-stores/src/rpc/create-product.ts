import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { CreateProductRequest, CreateProductResponse } from '@malla/proto/malla/stores/v1/products_service';
import { createProduct, type ManageProductDeps } from '../domain/manage-product.ts';
import { getManagedProduct } from '../domain/read-products.ts';
import { fromProductMessage, toProductMessage } from './product-mapper.ts';

export function createProductHandler(
  deps: ManageProductDeps,
): UnaryHandler<CreateProductRequest, CreateProductResponse> {
  return async ({ storeId, product }, call) => {
    const { userId } = userOf(call);
    const productId = await createProduct(userId, storeId, fromProductMessage(product), deps);
    return { product: toProductMessage(await getManagedProduct(userId, productId, deps)) };
  };
}
