import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { RenameCategoryRequest, RenameCategoryResponse } from '@malla/proto/malla/stores/v1/categories_service';
import { type ManageCategoriesDeps, renameCategory } from '../domain/manage-categories.ts';
import { toCategoryMessage } from './category-mapper.ts';

export function renameCategoryHandler(
  deps: ManageCategoriesDeps,
): UnaryHandler<RenameCategoryRequest, RenameCategoryResponse> {
  return async ({ categoryId, name }, call) => ({
    category: toCategoryMessage(await renameCategory(userOf(call).userId, categoryId, name, deps)),
  });
}
