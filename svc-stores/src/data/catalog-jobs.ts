import type { Clock } from '../domain/clock.ts';
import type { Transact } from '../domain/ports.ts';
import { TEXT_VERSION } from './catalog-entries.ts';
import type { CatalogRetries } from './catalog-retries.ts';
import { marks } from './columns.ts';
import type { Orm } from './orm.ts';

const QUEUE_BATCH = 100;
const SWEEP_BATCH = 200;
const PRICE_BATCH = 100;
const OUTDATED_BATCH = 100;
export const LOCK_QUEUE = `SELECT queue_id, product_id FROM catalog_queue ORDER BY queue_id LIMIT ${QUEUE_BATCH}
  FOR UPDATE SKIP LOCKED`;
/** Locks the products, as whoever changes one does first, and passes over those that another replica refreshes. */
export const DUE_PRICES = `SELECT p.product_id FROM catalog c JOIN products p ON p.product_id = c.product_id
  WHERE c.next_price_time <= ? ORDER BY c.next_price_time LIMIT ${PRICE_BATCH} FOR UPDATE OF p SKIP LOCKED`;
/** Products are locked before their entries, by everybody. */
export const LOCK_OUTDATED = `SELECT c.product_id FROM catalog c JOIN products p ON p.product_id = c.product_id
  WHERE c.text_version < ? LIMIT ${OUTDATED_BATCH} FOR UPDATE OF p SKIP LOCKED`;
const LOCK_SWEEP = 'SELECT * FROM catalog_sweeps ORDER BY sweep_id LIMIT 1 FOR UPDATE SKIP LOCKED';
export const SWEPT = (byCategory: boolean) => `SELECT product_id FROM products
  WHERE ${byCategory ? 'category_id = ?' : "store_id = ? AND state = 'published'"} AND product_id > ?
  ORDER BY product_id LIMIT ${SWEEP_BATCH}`;

interface SweepRow {
  readonly sweep_id: Buffer;
  readonly store_id: Buffer;
  readonly category_id: Buffer | null;
  readonly after_product_id: Buffer;
}

/** Work that keeps the catalogue true to what changed elsewhere. Each does one batch, and tells whether there was any. */
export interface CatalogJobs {
  /** Products whose stock went to or came from nothing. */
  queued(): Promise<boolean>;
  /** Products of which a price came into force or ended. */
  duePrices(): Promise<boolean>;
  /** Products of a store that closed or opened, or of a category that moved. */
  sweeps(): Promise<boolean>;
  /** Products whose texts were folded and cut as an earlier release did. */
  outdated(): Promise<boolean>;
  /** A product that failed before. */
  retries(): Promise<boolean>;
}

export function createCatalogJobs({ em }: Orm, transact: Transact, retries: CatalogRetries, clock: Clock): CatalogJobs {
  const refresh = (rows: readonly { product_id: Buffer }[]) => {
    const ids = new Map(rows.map(({ product_id }) => [product_id.toString('hex'), product_id]));
    return retries.refresh([...ids.values()]);
  };
  return {
    queued: () =>
      transact(async () => {
        const rows = await em.execute<{ queue_id: number; product_id: Buffer }[]>(LOCK_QUEUE);
        if (rows.length === 0) return false;
        await refresh(rows);
        const ids = rows.map(({ queue_id }) => queue_id);
        await em.execute(`DELETE FROM catalog_queue WHERE queue_id IN (${marks(ids)})`, ids);
        return true;
      }),
    duePrices: () =>
      transact(async () => {
        const rows = await em.execute<{ product_id: Buffer }[]>(DUE_PRICES, [clock.now()]);
        await refresh(rows);
        return rows.length > 0;
      }),
    sweeps: () =>
      transact(async () => {
        const [sweep] = await em.execute<SweepRow[]>(LOCK_SWEEP);
        if (!sweep) return false;
        const { sweep_id, store_id, category_id, after_product_id } = sweep;
        const sql = SWEPT(category_id !== null);
        const rows = await em.execute<{ product_id: Buffer }[]>(sql, [category_id ?? store_id, after_product_id]);
        await refresh(rows);
        const last = rows.length === SWEEP_BATCH ? rows.at(-1) : undefined;
        if (last) {
          const update = 'UPDATE catalog_sweeps SET after_product_id = ? WHERE sweep_id = ?';
          await em.execute(update, [last.product_id, sweep_id]);
        } else await em.execute('DELETE FROM catalog_sweeps WHERE sweep_id = ?', [sweep_id]);
        return true;
      }),
    outdated: () =>
      transact(async () => {
        const rows = await em.execute<{ product_id: Buffer }[]>(LOCK_OUTDATED, [TEXT_VERSION]);
        if (rows.length === 0) return false;
        const ids = rows.map(({ product_id }) => product_id);
        // First, so that one that fails is left to the retries.
        const mark = `UPDATE catalog SET text_version = ? WHERE product_id IN (${marks(ids)})`;
        await em.execute(mark, [TEXT_VERSION, ...ids]);
        await refresh(rows);
        return true;
      }),
    retries: () => transact(retries.retry),
  };
}
