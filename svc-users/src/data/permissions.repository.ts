import type { Permissions } from '../domain/ports.ts';
import { marks, writeId } from './columns.ts';
import type { Orm } from './orm.ts';

/** Permissions of accounts in MySQL. */
export function createPermissions({ em }: Orm): Permissions {
  return {
    of: async (userId) => {
      const sql = 'SELECT permission FROM user_permissions WHERE user_id = ? ORDER BY permission';
      const rows = await em.execute<{ permission: string }[]>(sql, [writeId('usr', userId)]);
      return rows.map(({ permission }) => permission);
    },
    add: async (userId, permissions, now) => {
      const rows = permissions.map((permission) => [writeId('usr', userId), permission, now]);
      const values = rows.map((row) => `(${marks(row)})`).join(', ');
      await em.execute(`INSERT INTO user_permissions (user_id, permission, grant_time) VALUES ${values}`, rows.flat());
    },
    remove: async (userId, permissions) => {
      const sql = `DELETE FROM user_permissions WHERE user_id = ? AND permission IN (${marks(permissions)})`;
      await em.execute(sql, [writeId('usr', userId), ...permissions]);
    },
    removeAll: async (userId) => {
      await em.execute('DELETE FROM user_permissions WHERE user_id = ?', [writeId('usr', userId)], 'run');
    },
  };
}
