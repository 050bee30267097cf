import { type Categories, type Category, categoryNotFound } from '../domain/category-tree.ts';
import type { StaffRole } from '../domain/staff.ts';
import { marks, readId, writeId } from './columns.ts';
import { insertMany } from './insert-many.ts';
import type { Orm } from './orm.ts';

const LIST = `SELECT c.* FROM stores s LEFT JOIN categories c ON c.store_id = s.store_id WHERE s.store_id = ?`;
const STORE_OF = `SELECT c.store_id, m.role FROM categories c
  LEFT JOIN staff m ON m.store_id = c.store_id AND m.user_id = ? WHERE c.category_id = ?`;
const INSERT = 'INSERT INTO categories (category_id, store_id, parent_id, name, position)';
const OR_UPDATE =
  'AS fresh ON DUPLICATE KEY UPDATE parent_id = fresh.parent_id, name = fresh.name, position = fresh.position';

interface Row {
  readonly category_id: Buffer;
  readonly store_id: Buffer;
  readonly parent_id: Buffer | null;
  readonly name: string;
  readonly position: number;
}

/** The trees of categories, in MySQL. */
export function createCategories({ em }: Orm): Categories {
  return {
    list: async (storeId) => {
      const rows = await em.execute<(Row | { category_id: null })[]>(LIST, [writeId('store', storeId)]);
      return rows.length === 0 ? undefined : rows.filter((row) => row.category_id !== null).map(toCategory);
    },
    storeOf: async (categoryId, userId) => {
      type Found = { store_id: Buffer; role: StaffRole | null };
      const [row] = await em.execute<Found[]>(STORE_OF, [writeId('usr', userId), writeId('cat', categoryId)]);
      if (!row) throw categoryNotFound('category_id');
      return { storeId: readId('store', row.store_id), role: row.role ?? undefined };
    },
    put: (categories) => insertMany(em, INSERT, categories.map(valuesOf), OR_UPDATE),
    remove: async (categoryId) => {
      await em.execute('DELETE FROM categories WHERE category_id = ?', [writeId('cat', categoryId)]);
    },
    isUsed: async (categoryId) => {
      const sql = 'SELECT 1 FROM products WHERE category_id = ? LIMIT 1';
      return (await em.execute<unknown[]>(sql, [writeId('cat', categoryId)])).length > 0;
    },
    lockUse: async (storeId, categoryIds) => {
      const store = writeId('store', storeId);
      await em.execute('SELECT 1 FROM stores WHERE store_id = ? FOR SHARE', [store]);
      const ids = [...new Set(categoryIds)].filter((id) => id !== '').map((id) => writeId('cat', id));
      if (ids.length === 0) return;
      const sql = `SELECT category_id FROM categories WHERE store_id = ? AND category_id IN (${marks(ids)})`;
      if ((await em.execute<unknown[]>(sql, [store, ...ids])).length < ids.length) {
        throw categoryNotFound('product.category_id');
      }
    },
  };
}

function valuesOf({ categoryId, storeId, parentId, name, position }: Category) {
  const parent = parentId === '' ? null : writeId('cat', parentId);
  return [writeId('cat', categoryId), writeId('store', storeId), parent, name, position];
}

function toCategory(row: Row): Category {
  return {
    categoryId: readId('cat', row.category_id),
    storeId: readId('store', row.store_id),
    parentId: row.parent_id ? readId('cat', row.parent_id) : '',
    name: row.name,
    position: row.position,
  };
}
