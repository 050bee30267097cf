/** Something that must happen elsewhere because something happened here, written in the transaction of the latter. */
export interface OutboxEntry {
  /** How often it was tried before. */
  readonly attempts: number;
}

/** Where a service keeps entries: in its database. Each method is a transaction of its own. */
export interface OutboxStore<Entry extends OutboxEntry> {
  /**
   * Takes the entry that has been due the longest, passing over those that others are taking, and makes it due again at
   * `leaseTime`: should its taker die, somebody else takes it then.
   */
  take(now: Date, leaseTime: Date): Promise<Entry | undefined>;
  /** The entry is delivered. */
  done(entry: Entry): Promise<void>;
  /** The entry is to be tried again at `time`. */
  retry(entry: Entry, time: Date, cause: unknown): Promise<void>;
}

export interface OutboxOptions<Entry extends OutboxEntry> {
  readonly store: OutboxStore<Entry>;
  /** Delivers an entry. Happens at least once: whoever receives it tells the same entry by its id. */
  readonly deliver: (entry: Entry) => Promise<void>;
  readonly clock: { now(): Date };
  /** How long a delivery may take before somebody else tries, in milliseconds. */
  readonly leaseMs: number;
  /** From one try to the next, in milliseconds: `min` after the first, twice as long after each other, up to `max`. */
  readonly backoffMs: { readonly min: number; readonly max: number };
}

/** Delivers one entry that is due. @returns whether there was one. */
export async function deliverOne<Entry extends OutboxEntry>(options: OutboxOptions<Entry>): Promise<boolean> {
  const delivery = await takeOne(options);
  await delivery?.();
  return delivery !== undefined;
}

/** Takes one entry that is due. @returns its delivery, for who delivers several at once; undefined when none is due. */
export async function takeOne<Entry extends OutboxEntry>(
  options: OutboxOptions<Entry>,
): Promise<(() => Promise<void>) | undefined> {
  const { store, clock, leaseMs } = options;
  const now = clock.now();
  const entry = await store.take(now, new Date(now.getTime() + leaseMs));
  return entry && (() => deliver(entry, options));
}

async function deliver<Entry extends OutboxEntry>(entry: Entry, options: OutboxOptions<Entry>): Promise<void> {
  const { store, clock, backoffMs } = options;
  try {
    await options.deliver(entry);
  } catch (error) {
    return store.retry(entry, new Date(clock.now().getTime() + waitMs(entry.attempts, backoffMs)), error);
  }
  await store.done(entry);
}

/** How long to wait after a failure, in milliseconds; a random fifth less, so that those who failed together part. */
export function waitMs(attempts: number, { min, max }: { readonly min: number; readonly max: number }): number {
  return Math.min(max, min * 2 ** attempts) * (1 - Math.random() / 5);
}
