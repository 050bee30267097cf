import type { UnaryHandler } from '@malla/chassis/unary';
import type { SearchProductsRequest, SearchProductsResponse } from '@malla/proto/malla/stores/v1/search';
import type { PageTokens } from '../crypto/page-tokens.ts';
import { type CatalogQueries, searchProducts } from '../domain/search.ts';
import { fromSearchRequest, toFacetsMessage, toItemMessage } from './catalog-mapper.ts';

export function searchProductsHandler(deps: {
  catalogQueries: CatalogQueries;
  pageTokens: PageTokens;
}): UnaryHandler<SearchProductsRequest, SearchProductsResponse> {
  return async (request) => {
    const { pageSize, pageToken, facets, ...filters } = request;
    const list = ['SearchProducts', filters];
    const [rank, productId] = deps.pageTokens.read(list, pageToken);
    const after = rank !== undefined && productId !== undefined ? { rank, productId } : undefined;
    const result = await searchProducts(fromSearchRequest(request), { pageSize, after, facets }, deps);
    return {
      items: result.items.map((item) => toItemMessage(item, result.currencyCode)),
      nextPageToken: deps.pageTokens.write(list, [result.next?.rank, result.next?.productId]),
      incomplete: result.incomplete,
      facets: result.facets && toFacetsMessage(result.facets),
    };
  };
}
