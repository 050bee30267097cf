/** One entry of another service's append-only list. */
export interface FeedEntry {
  /** Its position, 1 or more. No entry becomes visible after one with a higher position. */
  readonly sequence: bigint;
}

/** How far a service has followed a list, in its own database. */
export interface FeedCursor {
  /** The position of the last entry that was applied; 0 for none. */
  read(): Promise<bigint>;
  /** The same, within a transaction: until it ends, no other replica applies an entry. */
  lock(): Promise<bigint>;
  /** Within the transaction that applies the entry at `sequence`. */
  move(sequence: bigint): Promise<void>;
}

export interface FollowOptions<Entry extends FeedEntry> {
  readonly cursor: FeedCursor;
  /** Runs work in one transaction of the database that has the cursor. */
  readonly transact: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** The entries after a position, in order, some at a time. */
  readonly read: (after: bigint) => Promise<readonly Entry[]>;
  /**
   * Gets an entry ready, outside the transaction, where others may be asked. Happens at least once for each entry.
   * @returns what the entry changes. It runs in the transaction that moves the cursor, and so takes effect once.
   */
  readonly prepare: (entry: Entry) => Promise<() => Promise<void>>;
}

/**
 * Applies the entries that follow, in order, each in a transaction of its own. Any number of replicas may do so at once. An
 * entry that cannot be applied is tried again by the next round, and holds up those behind it.
 * @returns whether there were any.
 * @throws what the first entry that could not be read or applied has thrown.
 */
export async function follow<Entry extends FeedEntry>(options: FollowOptions<Entry>): Promise<boolean> {
  const { cursor, transact, read, prepare } = options;
  const entries = await read(await cursor.read());
  for (const entry of entries) {
    const apply = await prepare(entry);
    await transact(async () => {
      if ((await cursor.lock()) >= entry.sequence) return;
      await apply();
      await cursor.move(entry.sequence);
    });
  }
  return entries.length > 0;
}

/** The part of MikroORM's EntityManager that a cursor needs. */
export interface FeedDatabase {
  execute(sql: string, values: unknown[]): Promise<unknown>;
}

const READ = 'SELECT CAST(sequence AS CHAR) AS sequence FROM feed_cursors WHERE feed = ?';
/** Locks the row, and makes it when it is not there. */
const LOCK = 'INSERT INTO feed_cursors (feed, sequence) VALUES (?, 0) AS new ON DUPLICATE KEY UPDATE feed = new.feed';

/** A cursor in the table `feed_cursors (feed, sequence)`. @param feed its name, which stays the same for ever. */
export function createFeedCursor(database: FeedDatabase, feed: string): FeedCursor {
  const read = async (sql: string) => {
    const [row] = (await database.execute(sql, [feed])) as { sequence: string }[];
    return BigInt(row?.sequence ?? 0);
  };
  return {
    read: () => read(READ),
    lock: async () => {
      await database.execute(LOCK, [feed]);
      return read(`${READ} FOR UPDATE`);
    },
    move: async (sequence) => {
      await database.execute('UPDATE feed_cursors SET sequence = ? WHERE feed = ?', [sequence, feed]);
    },
  };
}
