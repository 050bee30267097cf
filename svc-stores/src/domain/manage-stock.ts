import { DomainError } from '@malla/chassis/errors';
import type { Clock } from './clock.ts';
import { newId } from './ids.ts';
import type { Transact } from './ports.ts';
import { PAGE_SIZE_DEFAULT, type Page, toPage } from './resource.ts';
import { requireRole } from './staff.ts';
import {
  type AdjustReason,
  availableOf,
  ON_HAND_MAX,
  type Stock,
  type StockEntry,
  type StockKeeping,
  type StockQueries,
} from './stock.ts';

export interface ManageStockDeps {
  readonly transact: Transact;
  readonly stockKeeping: StockKeeping;
  readonly stockQueries: StockQueries;
  readonly clock: Clock;
}

/** A change of what is on hand. */
export interface Adjustment {
  readonly variantId: string;
  readonly onHandChange: number;
  readonly reason: AdjustReason;
  readonly note: string;
  /** Empty for a new one. */
  readonly adjustmentId: string;
}

/** What an adjustment made, and what there is after it. */
export interface Adjusted {
  readonly stock: Stock;
  readonly entry: StockEntry;
}

/** What a request with an idempotency key does once: both within the transaction that has the effect. */
export interface Once<Result> {
  /** @param subject the id of what the request makes. @returns it, once it is sure that no other request has the key. */
  begin(subject: string): Promise<string>;
  finish(result: Result): Promise<void>;
}

/** The stock of variants of stores that a user works for. @throws DomainError `not-found` (VARIANT_NOT_FOUND). */
export async function batchGetStock(
  userId: string,
  variantIds: readonly string[],
  { stockQueries }: Pick<ManageStockDeps, 'stockQueries'>,
): Promise<Stock[]> {
  const found = new Map((await stockQueries.find(variantIds, userId)).map((stock) => [stock.variantId, stock]));
  return variantIds.map((variantId, at) => {
    const stock = found.get(variantId);
    if (stock?.role === undefined) throw variantNotFound(`variant_ids[${at}]`);
    return stock;
  });
}

/**
 * Changes what is on hand; once for each adjustment id, and for each request that comes again with its key.
 * @throws DomainError `forbidden`, `not-found` (VARIANT_NOT_FOUND), `precondition` (STOCK_INSUFFICIENT, STOCK_TOO_MUCH),
 *   `already-exists` (ADJUSTMENT_MISMATCH).
 */
export async function adjustStock(
  userId: string,
  adjustment: Adjustment,
  once: Once<Adjusted>,
  deps: ManageStockDeps,
): Promise<Adjusted> {
  const { variantId } = adjustment;
  const [known] = await deps.stockQueries.find([variantId], userId);
  if (!known) throw variantNotFound('variant_id');
  requireRole(known.role, 'clerk', () => variantNotFound('variant_id'));
  return deps.transact(async () => {
    const entryId = await once.begin(newId.stockEntry());
    const adjusted = await adjustLocked(userId, adjustment, entryId, deps);
    await once.finish(adjusted);
    return adjusted;
  });
}

async function adjustLocked(
  userId: string,
  adjustment: Adjustment,
  entryId: string,
  { stockKeeping, stockQueries, clock }: ManageStockDeps,
): Promise<Adjusted> {
  const { variantId, onHandChange, reason, note, adjustmentId } = adjustment;
  const locked = await stockKeeping.lock([variantId]);
  const stock = locked.get(variantId);
  if (!stock) throw variantNotFound('variant_id');
  const before = adjustmentId === '' ? undefined : await stockQueries.findAdjustment(adjustmentId);
  if (before) return { stock, entry: sameAdjustment(before, adjustment, userId) };
  checkAdjustment(stock, onHandChange);
  const cause = { reason, actor: userId, note, time: clock.now() };
  const change = { variantId, onHand: onHandChange, reserved: 0, sold: 0 };
  await stockKeeping.change(locked, [change], cause, { entryId, adjustmentId });
  const { time: createTime, ...why } = cause;
  const entry = { entryId, variantId, ...why, onHandChange, reservedChange: 0, soldChange: 0, createTime };
  return { stock: { ...stock, onHand: stock.onHand + onHandChange }, entry };
}

/** What happened to a variant's stock, newest first. @throws DomainError `forbidden` or `not-found` (VARIANT_NOT_FOUND). */
export async function listStockEntries(
  userId: string,
  variantId: string,
  pageSize: number,
  before: string | undefined,
  { stockQueries }: Pick<ManageStockDeps, 'stockQueries'>,
): Promise<Page<StockEntry>> {
  const limit = pageSize || PAGE_SIZE_DEFAULT;
  const found = await stockQueries.listEntries(variantId, userId, limit + 1, before);
  if (!found) throw variantNotFound('variant_id');
  requireRole(found.role, 'clerk', () => variantNotFound('variant_id'));
  return toPage(found.entries, limit, ({ entryId }) => entryId);
}

function sameAdjustment(entry: StockEntry, adjustment: Adjustment, userId: string): StockEntry {
  const same =
    entry.variantId === adjustment.variantId &&
    entry.onHandChange === adjustment.onHandChange &&
    entry.reason === adjustment.reason &&
    entry.note === adjustment.note &&
    entry.actor === userId;
  if (same) return entry;
  throw adjustmentMismatch();
}

export function adjustmentMismatch(): DomainError {
  return new DomainError('already-exists', 'ADJUSTMENT_MISMATCH', 'The id of the adjustment was used for another one.');
}

function checkAdjustment(stock: Stock, change: number): void {
  if (availableOf(stock) + change < 0) {
    const metadata = { available: String(availableOf(stock)) };
    const message = 'Less would be on hand than is reserved.';
    const description = `takes more than the ${availableOf(stock)} that are available`;
    const fields = [{ field: 'on_hand_change', reason: 'STOCK_INSUFFICIENT', description }];
    throw new DomainError('precondition', 'STOCK_INSUFFICIENT', message, { metadata, fields });
  }
  if (stock.onHand + change > ON_HAND_MAX) {
    const description = `makes it more than ${ON_HAND_MAX}`;
    const fields = [{ field: 'on_hand_change', reason: 'STOCK_TOO_MUCH', description }];
    throw new DomainError('precondition', 'STOCK_TOO_MUCH', `At most ${ON_HAND_MAX} may be on hand.`, { fields });
  }
}

export function variantNotFound(field: string): DomainError {
  const fields = [{ field, reason: 'VARIANT_NOT_FOUND', description: 'is no variant' }];
  return new DomainError('not-found', 'VARIANT_NOT_FOUND', 'There is no such variant.', { fields });
}
