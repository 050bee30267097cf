import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { CreateCategoryRequest, CreateCategoryResponse } from '@malla/proto/malla/stores/v1/categories_service';
import { createCategory, type ManageCategoriesDeps } from '../domain/manage-categories.ts';
import { toCategoryMessage } from './category-mapper.ts';

export function createCategoryHandler(
  deps: ManageCategoriesDeps,
): UnaryHandler<CreateCategoryRequest, CreateCategoryResponse> {
  return async ({ storeId, category }, call) => {
    const fields = { name: category?.name ?? '', parentId: category?.parentId ?? '' };
    return { category: toCategoryMessage(await createCategory(userOf(call).userId, storeId, fields, deps)) };
  };
}
