import type { DomainError } from '@malla/chassis/errors';
import { storeNotFound } from '../domain/manage-store.ts';
import type { Staff } from '../domain/ports.ts';
import { productNotFound } from '../domain/product.ts';
import type { StaffMember, StaffRole } from '../domain/staff.ts';
import { readId, readTime, writeId } from './columns.ts';
import type { Orm } from './orm.ts';

const ROLE_OF = `SELECT m.role FROM stores s LEFT JOIN staff m ON m.store_id = s.store_id AND m.user_id = ?
  WHERE s.store_id = ?`;
const ROLE_FOR_PRODUCT = `SELECT m.role FROM products p LEFT JOIN staff m ON m.store_id = p.store_id AND m.user_id = ?
  WHERE p.product_id = ?`;
const COLUMNS = 'SELECT store_id, user_id, role, create_time FROM staff';
const PUT = `INSERT INTO staff (store_id, user_id, role, create_time) VALUES (?, ?, ?, ?) AS fresh
  ON DUPLICATE KEY UPDATE role = fresh.role`;
const LIST_OWNED = "SELECT store_id FROM staff WHERE user_id = ? AND role = 'owner' ORDER BY store_id";
/** Locks the owner's row, and makes it when it is not there. */
const LOCK_OWNER =
  'INSERT INTO store_owners (user_id) VALUES (?) AS fresh ON DUPLICATE KEY UPDATE user_id = fresh.user_id';

interface Row {
  readonly store_id: Buffer;
  readonly user_id: Buffer;
  readonly role: StaffRole;
  readonly create_time: string;
}

/** Who works for which store, in MySQL. */
export function createStaff({ em }: Orm): Staff {
  const key = (storeId: string, userId: string) => [writeId('store', storeId), writeId('usr', userId)];
  const role = async (sql: string, userId: string, id: Buffer, notFound: () => DomainError) => {
    const [row] = await em.execute<{ role: StaffRole | null }[]>(sql, [writeId('usr', userId), id]);
    if (!row) throw notFound();
    return row.role ?? undefined;
  };
  const storeIds = async (sql: string, userId: string) => {
    const rows = await em.execute<{ store_id: Buffer }[]>(sql, [writeId('usr', userId)]);
    return rows.map((row) => readId('store', row.store_id));
  };
  return {
    roleOf: (storeId, userId) => role(ROLE_OF, userId, writeId('store', storeId), storeNotFound),
    roleForProduct: (productId, userId) => role(ROLE_FOR_PRODUCT, userId, writeId('prod', productId), productNotFound),
    list: async (storeId) => {
      const rows = await em.execute<Row[]>(`${COLUMNS} WHERE store_id = ?`, [writeId('store', storeId)]);
      return rows.map(toMember).toSorted(byAge);
    },
    find: async (storeId, userId) => {
      const [row] = await em.execute<Row[]>(`${COLUMNS} WHERE store_id = ? AND user_id = ?`, key(storeId, userId));
      return row && toMember(row);
    },
    put: async (member) => {
      await em.execute(PUT, [...key(member.storeId, member.userId), member.role, member.createTime]);
    },
    remove: async (storeId, userId) => {
      await em.execute('DELETE FROM staff WHERE store_id = ? AND user_id = ?', key(storeId, userId));
    },
    storesOf: (userId) => storeIds('SELECT store_id FROM staff WHERE user_id = ? ORDER BY store_id', userId),
    listOwned: (userId) => storeIds(LIST_OWNED, userId),
    lockOwned: async (userId) => {
      await em.execute(LOCK_OWNER, [writeId('usr', userId)]);
      const sql = "SELECT COUNT(*) AS n FROM staff WHERE user_id = ? AND role = 'owner'";
      const [row] = await em.execute<{ n: number }[]>(sql, [writeId('usr', userId)]);
      return row?.n ?? 0;
    },
  };
}

/** A store has few: they need no index for it. */
function byAge(a: StaffMember, b: StaffMember): number {
  return a.createTime.getTime() - b.createTime.getTime() || (a.userId < b.userId ? -1 : 1);
}

function toMember(row: Row): StaffMember {
  return {
    storeId: readId('store', row.store_id),
    userId: readId('usr', row.user_id),
    role: row.role,
    createTime: readTime(row.create_time),
  };
}
