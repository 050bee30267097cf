import assert from 'node:assert/strict';
import { type Category, inOrder, moved } from '../../src/domain/category-tree.ts';

/** A tree from lines such as `a/b`: the parent, then the name, in the order of siblings. */
function treeOf(...lines: string[]): Category[] {
  const positions = new Map<string, number>();
  return lines.map((line) => {
    const [name = '', parentId = ''] = line.split('/').toReversed();
    const position = positions.get(parentId) ?? 0;
    positions.set(parentId, position + 1);
    return { categoryId: name, storeId: 's', parentId, name, position };
  });
}

describe('category tree', () => {
  it('keeps every place filled once, wherever anything is moved', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    let tree = treeOf('a', 'b', 'a/c', 'a/d', 'b/e');
    let turns = 0;
    for (let seed = 1; turns < 200; seed = (seed * 48_271) % 2_147_483_647) {
      const [name = '', parent = ''] = [names[seed % 5], ['', ...names][seed % 6]];
      turns += 1;
      try {
        const changes = moved(tree, name, parent, seed % 4);
        const changed = new Set(changes.map(({ categoryId }) => categoryId));
        tree = [...tree.filter(({ categoryId }) => !changed.has(categoryId)), ...changes];
      } catch (error) {
        assert.equal((error as { reason?: string }).reason, 'CATEGORY_CYCLE');
      }
      assert.equal(inOrder(tree).length, 5);
      for (const siblings of Map.groupBy(tree, ({ parentId }) => parentId).values()) {
        const positions = siblings.map(({ position }) => position).toSorted();
        assert.deepEqual(
          positions,
          positions.map((_, at) => at),
        );
      }
    }
  });
});
