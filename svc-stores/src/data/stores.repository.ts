import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { Stores } from '../domain/ports.ts';
import type { StaffRole } from '../domain/staff.ts';
import { Store } from '../domain/store.ts';
import { writeId } from './columns.ts';
import type { Orm } from './orm.ts';

/** Else MySQL walks the primary key, and with it all stores that are closed. */
const LIST_OPEN = `SELECT * FROM stores FORCE INDEX (stores_state) WHERE state = 'open' AND store_id < ?
  ORDER BY store_id DESC LIMIT ?`;
const LIST_OF = `SELECT s.*, m.role FROM staff m JOIN stores s ON s.store_id = m.store_id
  WHERE m.user_id = ? AND m.store_id < ? ORDER BY m.store_id DESC LIMIT ?`;
/** Above every id. */
const LAST_ID = Buffer.alloc(16, 0xff);

/** Stores in MySQL. */
export function createStores({ em }: Orm): Stores {
  return {
    find: async (storeId) => (await em.findOne(Store, { storeId })) ?? undefined,
    findBySlug: async (slug) => (await em.findOne(Store, { slug })) ?? undefined,
    lock: async (storeId) =>
      (await em.findOne(Store, { storeId }, { lockMode: LockMode.PESSIMISTIC_WRITE })) ?? undefined,
    add: async (store) => {
      try {
        await em.insert(Store, { ...store });
        return true;
      } catch (error) {
        if (error instanceof UniqueConstraintViolationException) return false;
        throw error;
      }
    },
    listOpen: async (limit, before) => {
      const rows = await em.execute<object[]>(LIST_OPEN, [beforeId(before), limit]);
      return rows.map((row) => em.map(Store, row));
    },
    listOf: async (userId, limit, before) => {
      const values = [writeId('usr', userId), beforeId(before), limit];
      const rows = await em.execute<{ role: StaffRole }[]>(LIST_OF, values);
      return rows.map(({ role, ...row }) => ({ store: em.map(Store, row), role }));
    },
  };
}

function beforeId(before: string | undefined): Buffer {
  return before === undefined ? LAST_ID : writeId('store', before);
}
