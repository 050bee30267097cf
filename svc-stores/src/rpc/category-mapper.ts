import type { Category as CategoryMessage } from '@malla/proto/malla/stores/v1/categories_service';
import type { PlacedCategory } from '../domain/category-tree.ts';

export function toCategoryMessage({ categoryId, parentId, name, position, depth }: PlacedCategory): CategoryMessage {
  return { categoryId, parentId, name, position, depth };
}
