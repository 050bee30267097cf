import {
  type Facets as FacetsMessage,
  type CatalogItem as ItemMessage,
  SearchOrder as OrderMessage,
} from '@malla/proto/malla/stores/v1/catalog';
import type { SearchProductsRequest } from '@malla/proto/malla/stores/v1/search';
import type { Facets } from '../domain/facets.ts';
import type { FoundItem, Search, SearchOrder } from '../domain/search.ts';

const ORDERS: Readonly<Record<OrderMessage, SearchOrder | undefined>> = {
  [OrderMessage.UNSPECIFIED]: undefined,
  [OrderMessage.RELEVANCE]: 'relevance',
  [OrderMessage.NEWEST]: 'newest',
  [OrderMessage.PRICE_UP]: 'price-up',
  [OrderMessage.PRICE_DOWN]: 'price-down',
};

export function fromSearchRequest(request: SearchProductsRequest): Search {
  return {
    ...request,
    order: ORDERS[request.order],
    priceMinMinor: request.priceMinMinor,
    priceMaxMinor: request.priceMaxMinor,
  };
}

/** @param currencyCode of the price to show; empty for the store's. */
export function toItemMessage(item: FoundItem, currencyCode: string): ItemMessage {
  const code = currencyCode || item.currencyCode;
  const price = item.prices[code];
  const money = (amountMinor: number | undefined) =>
    amountMinor === undefined ? undefined : { currencyCode: code, amountMinor: BigInt(amountMinor) };
  return {
    productId: item.productId,
    storeId: item.storeId,
    name: item.name,
    price: money(price?.amountMinor),
    compareAt: money(price?.compareAtMinor),
    imageUrl: item.imageUrl,
    imageAltText: item.imageAltText,
    categoryId: item.categoryId,
    tags: [...item.tags],
    inStock: item.inStock,
  };
}

export function toFacetsMessage({ categories, priceBands, tags, counted, complete }: Facets): FacetsMessage {
  return {
    categories: [...categories],
    tags: [...tags],
    priceBands: priceBands.map(({ currencyCode, fromMinor, toMinor, count }) => ({
      from: { currencyCode, amountMinor: fromMinor },
      to: { currencyCode, amountMinor: toMinor },
      count,
    })),
    counted,
    complete,
  };
}
