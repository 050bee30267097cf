import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { DeleteCategoryRequest, DeleteCategoryResponse } from '@malla/proto/malla/stores/v1/categories_service';
import { deleteCategory, type ManageCategoriesDeps } from '../domain/manage-categories.ts';

export function deleteCategoryHandler(
  deps: ManageCategoriesDeps,
): UnaryHandler<DeleteCategoryRequest, DeleteCategoryResponse> {
  return async ({ categoryId }, call) => {
    await deleteCategory(userOf(call).userId, categoryId, deps);
    return {};
  };
}
