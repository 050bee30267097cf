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

/** The log as all who watch it in a process share it. */
export interface CatalogFeed extends Pick<CatalogLog, 'ends'> {
  /** Changes after a position, from memory where they are there, and the position up to which there are no others. */
  read(
    after: bigint,
    storeId: string,
    limit: number,
  ): Promise<{ readonly changes: readonly CatalogChange[]; readonly reached: bigint }>;
  /** Resolves when there is more than `position`, or when `signal` aborts, or nobody is to wait any longer. */
  wait(position: bigint, signal: AbortSignal): Promise<void>;
  /** Whether nobody is to wait any longer: the process stops. */
  readonly closed: boolean;
}

export interface WatchDeps {
  readonly catalogFeed: CatalogFeed;
}

const BATCH = 50;

/**
 * The changes of the catalogue after a position (undefined for the oldest that are kept), for as long as `signal` does not
 * abort. Nothing is kept for a slow reader: it reads on from where it is.
 * @throws DomainError `precondition` (POSITION_EXPIRED).
 */
export async function* watchCatalog(
  { after, fromNow, storeId }: { after: bigint | undefined; fromNow: boolean; storeId: string },
  signal: AbortSignal,
  { catalogFeed }: WatchDeps,
): AsyncGenerator<CatalogChange> {
  const { last, purged } = await catalogFeed.ends();
  let position = after ?? (fromNow ? last : purged);
  if (position < purged) {
    const metadata = { oldest_position: String(purged) };
    throw new DomainError('precondition', 'POSITION_EXPIRED', 'Changes after that position are not kept.', {
      metadata,
    });
  }
  while (!signal.aborted && !catalogFeed.closed) {
    const { changes, reached } = await catalogFeed.read(position, storeId, BATCH);
    yield* changes;
    position = reached;
    if (changes.length < BATCH) await catalogFeed.wait(position, signal);
  }
}
