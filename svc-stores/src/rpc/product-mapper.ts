import { Product as ProductMessage, ProductState as StateMessage } from '@malla/proto/malla/stores/v1/product';
import type { Price as PriceMessage, Variant as VariantMessage } from '@malla/proto/malla/stores/v1/variant';
import type { Price } from '../domain/price.ts';
import type { ProductFields, ProductState, ShownProduct, VariantInput } from '../domain/product.ts';
import { etagOf, invalid } from '../domain/resource.ts';

const STATES: Readonly<Record<ProductState, StateMessage>> = {
  draft: StateMessage.DRAFT,
  published: StateMessage.PUBLISHED,
  archived: StateMessage.ARCHIVED,
};

export function toProductMessage(product: ShownProduct): ProductMessage {
  return {
    productId: product.productId,
    storeId: product.storeId,
    name: product.name,
    description: product.description,
    state: STATES[product.state],
    categoryId: product.categoryId,
    tags: [...product.tags],
    attributes: product.attributes.map(({ name, value }) => ({ name, value })),
    options: [...product.options],
    variants: product.variants.map(toVariantMessage),
    images: product.images.map(({ url, altText }) => ({ url, altText })),
    taxClass: product.taxClass,
    createTime: product.createTime,
    updateTime: product.updateTime,
    etag: etagOf(
      product,
      product.variants.map(({ inStock }) => inStock),
    ),
  };
}

/** What a client sends of a product. @throws DomainError `invalid` (PRODUCT_INVALID) for prices in two currencies. */
export function fromProductMessage(
  message: ProductMessage | undefined,
): ProductFields & { readonly productId: string; readonly etag: string } {
  const { productId, name, description, categoryId, tags, attributes, options, images, taxClass, etag, variants } =
    message ?? ProductMessage.create();
  return {
    ...{ productId, name, description, categoryId, tags, options, taxClass, etag },
    attributes: attributes.map(({ name, value }) => ({ name, value })),
    images: images.map(({ url, altText }) => ({ url, altText })),
    variants: variants.map(fromVariantMessage),
  };
}

/** A state to look for; undefined for any. */
export function fromProductState(message: StateMessage): ProductState | undefined {
  return (['draft', 'published', 'archived'] as const).find((state) => STATES[state] === message);
}

function toVariantMessage({
  variantId,
  sku,
  optionValues,
  prices,
  weightGrams,
  inStock,
}: ShownProduct['variants'][number]): VariantMessage {
  const list = prices.map(toPriceMessage);
  return { variantId, sku, optionValues: [...optionValues], prices: list, weightGrams, initialStock: 0, inStock };
}

function toPriceMessage({ currencyCode, amountMinor, compareAtMinor, startTime, endTime }: Price): PriceMessage {
  return {
    amount: { currencyCode, amountMinor },
    compareAt: compareAtMinor === undefined ? undefined : { currencyCode, amountMinor: compareAtMinor },
    startTime,
    endTime,
  };
}

function fromVariantMessage(message: VariantMessage, at: number): VariantInput {
  const { variantId, sku, optionValues, prices, weightGrams, initialStock } = message;
  const list = prices.map((price, index) => fromPriceMessage(price, `product.variants[${at}].prices[${index}]`));
  return { variantId, sku, optionValues, prices: list, weightGrams, initialStock };
}

function fromPriceMessage({ amount, compareAt, startTime, endTime }: PriceMessage, path: string): Price {
  const { currencyCode = '', amountMinor = 0n } = amount ?? {};
  if (compareAt && compareAt.currencyCode !== currencyCode) {
    const description = 'must be in the currency of the price';
    const fields = [{ field: `${path}.compare_at`, reason: 'FIELD_INVALID', description }];
    throw invalid('PRODUCT_INVALID', 'The product breaks a rule.', fields);
  }
  return { currencyCode, amountMinor, compareAtMinor: compareAt?.amountMinor, startTime, endTime };
}
