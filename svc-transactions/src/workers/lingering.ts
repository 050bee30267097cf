/** Work that outlasts the slot that it was begun in. */
export interface Lingering {
  /**
   * Begins some work of an owner. When too much lingers, what has lingered the longest of the owner with most of it is aborted.
   * @returns resolves when the work is over or goes on without its slot.
   */
  run(owner: string, work: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** How many slots an owner holds. */
  readonly holders: ReadonlyMap<string, number>;
  /** Resolves when all work is over. */
  idle(): Promise<void>;
}

interface One {
  readonly owner: string;
  readonly over: Promise<void>;
  readonly abort: AbortController;
}

/**
 * @param slotMs how long work holds its slot, in milliseconds.
 * @param lingeringMax how much goes on without a slot at once.
 */
export function createLingering({ slotMs, lingeringMax }: { slotMs: number; lingeringMax: number }): Lingering {
  const holders = new Map<string, number>();
  const lingering = new Set<One>();
  const count = (owner: string, by: 1 | -1) => {
    const held = (holders.get(owner) ?? 0) + by;
    if (held > 0) holders.set(owner, held);
    else holders.delete(owner);
  };
  const linger = (one: One) => {
    lingering.add(one);
    void one.over.catch(() => undefined).then(() => lingering.delete(one));
    if (lingering.size > lingeringMax) oldestOfMost(lingering)?.abort.abort();
  };
  return {
    holders,
    run: async (owner, work) => {
      const abort = new AbortController();
      count(owner, 1);
      const over = work(abort.signal);
      let timer: NodeJS.Timeout | undefined;
      const enough = new Promise<'lingers'>((resolve) => {
        timer = setTimeout(resolve, slotMs, 'lingers');
      });
      try {
        if ((await Promise.race([over, enough])) === 'lingers') linger({ owner, over, abort });
      } finally {
        clearTimeout(timer);
        count(owner, -1);
      }
    },
    idle: async () => {
      await Promise.allSettled([...lingering].map(({ over }) => over));
    },
  };
}

/** A set is in the order in which it was filled. */
function oldestOfMost(lingering: ReadonlySet<One>): One | undefined {
  const running = [...lingering].filter(({ abort }) => !abort.signal.aborted);
  const byOwner = [...Map.groupBy(running, ({ owner }) => owner).values()];
  return byOwner.reduce<One[]>((most, ones) => (ones.length > most.length ? ones : most), [])[0];
}
