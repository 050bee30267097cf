import { DomainError } from '@malla/chassis/errors';
import type { CatalogChangeKind } from './catalog-entry.ts';

/** Something that changed in the catalogue. */
export interface CatalogChange {
  readonly position: bigint;
  readonly productId: string;
  readonly storeId: string;
  readonly kind: CatalogChangeKind;
  readonly changeTime: Date;
}

export interface CatalogLog {
  /** The last position that was given, and the last one that was forgotten. */
  ends(): Promise<{ readonly last: bigint; readonly purged: bigint }>;
  /** Changes after a position, in their order. @param storeId empty for all. */
  read(after: bigint, storeId: string, limit: number): Promise<CatalogChange[]>;
}

/** Tells when the log may have grown. */
export interface LogGrowth {
  /** Resolves when there is more than `position`, or when `signal` aborts, or nobody is to wait any longer. */
  wait(position: bigint, signal: AbortSignal): Promise<void>;
  /** Whether nobody is to wait any longer: the process stops. */
  readonly closed: boolean;
}

export interface WatchDeps {
  readonly catalogLog: CatalogLog;
  readonly logGrowth: LogGrowth;
}

const BATCH = 200;

/**
 * The changes of the catalogue after a position (undefined for the oldest that are kept), for as long as `signal` does not
 * abort. Nothing is kept for a slow reader: it reads on from where it is.
 * @throws DomainError `precondition` (POSITION_EXPIRED).
 */
export async function* watchCatalog(
  { after, fromNow, storeId }: { after: bigint | undefined; fromNow: boolean; storeId: string },
  signal: AbortSignal,
  { catalogLog, logGrowth }: WatchDeps,
): AsyncGenerator<CatalogChange> {
  const { last: head, purged } = await catalogLog.ends();
  let last = head;
  let position = after ?? (fromNow ? head : purged);
  if (position < purged) {
    const metadata = { oldest_position: String(purged) };
    throw new DomainError('precondition', 'POSITION_EXPIRED', 'Changes after that position are not kept.', {
      metadata,
    });
  }
  for (;;) {
    const changes = await catalogLog.read(position, storeId, BATCH);
    yield* changes;
    const reached = changes.at(-1)?.position ?? position;
    position = changes.length === BATCH ? reached : maxOf(last, reached);
    if (changes.length < BATCH) await logGrowth.wait(position, signal);
    if (signal.aborted || logGrowth.closed) return;
    last = (await catalogLog.ends()).last;
  }
}

function maxOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
