import { userOf } from '@malla/chassis/context';
import type { StreamHandler } from '@malla/chassis/server-stream';
import type { ExportProductsRequest, ExportProductsResponse } from '@malla/proto/malla/stores/v1/imports_service';
import { type ExportDeps, type ExportedProduct, exportProducts } from '../domain/export-products.ts';
import { toProductMessage } from './product-mapper.ts';

export function exportProductsHandler(deps: ExportDeps): StreamHandler<ExportProductsRequest, ExportProductsResponse> {
  return async function* ({ storeId }, call) {
    for await (const product of exportProducts(userOf(call).userId, storeId, deps)) {
      yield {
        product: toRow(product),
        publish: product.state === 'published',
        categoryPath: [...product.categoryPath],
      };
    }
  };
}

/** A product without what belongs to the store it comes from. */
function toRow(product: ExportedProduct) {
  const message = toProductMessage(product);
  const variants = message.variants.map((variant, at) => ({
    ...variant,
    variantId: '',
    initialStock: product.variants[at]?.onHand ?? 0,
  }));
  return {
    ...message,
    productId: '',
    storeId: '',
    categoryId: '',
    etag: '',
    createTime: undefined,
    updateTime: undefined,
    variants,
  };
}
