import { DomainError } from '@malla/chassis/errors';
import type { CatalogChangeKind } from '../domain/catalog-entry.ts';
import type { CatalogChange, CatalogLog } from '../domain/catalog-log.ts';
import { type Clock, plus } from '../domain/clock.ts';
import { marks, readId, readTime, writeId } from './columns.ts';
import { insertMany } from './insert-many.ts';
import type { Orm } from './orm.ts';

const BATCH = 500;
const KEPT_MS = 7 * 24 * 3_600_000;
const LOCK_HEAD = 'SELECT position FROM catalog_head WHERE one = 1 FOR UPDATE SKIP LOCKED';
const PENDING = `SELECT pending_id, product_id, store_id, kind, change_time FROM catalog_pending_changes
  ORDER BY pending_id LIMIT ${BATCH}`;
const INSERT = 'INSERT INTO catalog_changes (position, product_id, store_id, kind, change_time)';
const READ = 'SELECT position, product_id, store_id, kind, change_time FROM catalog_changes';
/** Else MySQL may walk the whole log to find the few changes of a store. */
const OF_STORE = 'FORCE INDEX (catalog_changes_store) WHERE store_id = ? AND';

interface Row {
  readonly pending_id: number;
  readonly position: number | string;
  readonly product_id: Buffer;
  readonly store_id: Buffer;
  readonly kind: CatalogChangeKind;
  readonly change_time: string;
}

/**
 * Gives pending changes their positions in the log, in one transaction under the lock of its head. Transactions do not commit
 * in the order in which an AUTO_INCREMENT numbers them, and whoever reads a log by such numbers skips what commits late; these
 * numbers are given after the commit, and become visible one after another.
 * @returns how many there were; another replica that does the same is not waited for.
 */
export function createSequencer(orm: Orm): () => Promise<number> {
  return () =>
    orm.em.fork().transactional(async (em) => {
      const [head] = await em.execute<{ position: number | string }[]>(LOCK_HEAD);
      if (!head) return 0;
      const pending = await em.execute<Row[]>(PENDING);
      if (pending.length === 0) return 0;
      const start = BigInt(head.position) + 1n;
      const rows = pending.map(({ product_id, store_id, kind, change_time }, at) => {
        return [start + BigInt(at), product_id, store_id, kind, change_time];
      });
      await insertMany(em, INSERT, rows);
      const ids = pending.map(({ pending_id }) => pending_id);
      await em.execute(`DELETE FROM catalog_pending_changes WHERE pending_id IN (${marks(ids)})`, ids);
      const sql = 'UPDATE catalog_head SET position = ? WHERE one = 1';
      await em.execute(sql, [start + BigInt(pending.length - 1)]);
      return pending.length;
    });
}

/**
 * Forgets changes that are older than seven days, a batch at a time, and remembers up to which position.
 * @returns whether there were any.
 */
export function createLogPurge(orm: Orm, clock: Clock): () => Promise<boolean> {
  return () => {
    const sql = `SELECT position, change_time FROM catalog_changes ORDER BY position LIMIT ${BATCH}`;
    return orm.em.fork().transactional(async (em) => {
      const rows = await em.execute<Pick<Row, 'position' | 'change_time'>[]>(sql);
      const limit = plus(clock.now(), -KEPT_MS);
      const last = rows.findLast(({ change_time }) => readTime(change_time) < limit);
      if (!last) return false;
      await em.execute('UPDATE catalog_head SET purged_position = ? WHERE one = 1', [last.position]);
      await em.execute('DELETE FROM catalog_changes WHERE position <= ?', [last.position]);
      return true;
    });
  };
}

/** The log of the catalogue's changes, in MySQL. Needs no call around it. */
export function createCatalogLog(orm: Orm): CatalogLog {
  return {
    ends: async () => {
      const sql = 'SELECT position, purged_position FROM catalog_head WHERE one = 1';
      type Head = { position: number | string; purged_position: number | string };
      const [row] = await orm.em.fork().execute<Head[]>(sql);
      if (!row) throw new DomainError('unavailable', 'CATALOG_LOG_MISSING', 'The log of changes cannot be read now.');
      return { last: BigInt(row.position), purged: BigInt(row.purged_position) };
    },
    read: async (after, storeId, limit) => {
      const filter = storeId === '' ? 'WHERE' : OF_STORE;
      const values = storeId === '' ? [after, limit] : [writeId('store', storeId), after, limit];
      const sql = `${READ} ${filter} position > ? ORDER BY position LIMIT ?`;
      return (await orm.em.fork().execute<Row[]>(sql, values)).map(toChange);
    },
  };
}

function toChange(row: Row): CatalogChange {
  return {
    position: BigInt(row.position),
    productId: readId('prod', row.product_id),
    storeId: readId('store', row.store_id),
    kind: row.kind,
    changeTime: readTime(row.change_time),
  };
}
