import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { ArchiveProductRequest, ArchiveProductResponse } from '@malla/proto/malla/stores/v1/products_service';
import { type ManageProductDeps, setProductState } from '../domain/manage-product.ts';
import { getManagedProduct } from '../domain/read-products.ts';
import { toProductMessage } from './product-mapper.ts';

export function archiveProductHandler(
  deps: ManageProductDeps,
): UnaryHandler<ArchiveProductRequest, ArchiveProductResponse> {
  return async ({ productId }, call) => {
    const { userId } = userOf(call);
    await setProductState(userId, productId, 'archived', deps);
    return { product: toProductMessage(await getManagedProduct(userId, productId, deps)) };
  };
}
