import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { MoveCategoryRequest, MoveCategoryResponse } from '@malla/proto/malla/stores/v1/categories_service';
import { type ManageCategoriesDeps, moveCategory } from '../domain/manage-categories.ts';
import { toCategoryMessage } from './category-mapper.ts';

export function moveCategoryHandler(
  deps: ManageCategoriesDeps,
): UnaryHandler<MoveCategoryRequest, MoveCategoryResponse> {
  return async ({ categoryId, parentId, position }, call) => ({
    category: toCategoryMessage(await moveCategory(userOf(call).userId, categoryId, { parentId, position }, deps)),
  });
}
