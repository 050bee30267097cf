import { Product as ProductMessage } from '@malla/proto/malla/stores/v1/product';

/** A message has at most 4 MB: the rest is for what else stands in the answer. */
const PRODUCTS_BYTES_MAX = 3 * 1024 * 1024;

/** As many of some products, from the first on, as fit into one answer. Any one fits: the rules see to that. */
export function fitting(products: readonly ProductMessage[]): ProductMessage[] {
  let bytes = 0;
  const end = products.findIndex((product) => {
    bytes += ProductMessage.encode(product).finish().length;
    return bytes > PRODUCTS_BYTES_MAX;
  });
  return end < 0 ? [...products] : products.slice(0, end);
}
