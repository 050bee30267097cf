import type { UnaryHandler } from '@malla/chassis/unary';
import type { GetCategoryTreeRequest, GetCategoryTreeResponse } from '@malla/proto/malla/stores/v1/categories_service';
import { getCategoryTree, type ManageCategoriesDeps } from '../domain/manage-categories.ts';
import { toCategoryMessage } from './category-mapper.ts';

export function getCategoryTreeHandler(
  deps: Pick<ManageCategoriesDeps, 'categories'>,
): UnaryHandler<GetCategoryTreeRequest, GetCategoryTreeResponse> {
  return async ({ storeId }) => ({ categories: (await getCategoryTree(storeId, deps)).map(toCategoryMessage) });
}
