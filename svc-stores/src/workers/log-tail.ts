import { AsyncLocalStorage } from 'node:async_hooks';
import { createFailureLog } from '@malla/chassis/failure-log';
import type { Logger } from '@malla/chassis/logger';
import type { CatalogChange, CatalogFeed, CatalogLog } from '../domain/catalog-log.ts';

const POLL_MS = 200;
const BATCH = 500;
/** How many of the latest changes are in memory: some 2 MB. Who is further behind reads the log itself. */
const REMEMBERED_MAX = 10_000;

/** One reader of the log for all who watch it in this process: they are fed from memory. It reads only while somebody watches. */
export interface LogTail extends CatalogFeed {
  /** Lets everybody go. */
  close(): void;
}

export function createLogTail(catalogLog: CatalogLog, log: Logger): LogTail {
  const waiting = new Set<{ readonly position: bigint; readonly wake: () => void }>();
  const memory = createMemory();
  // Not on behalf of the call that happens to ask first: its end would be the end of reading for all.
  const outsideOfCalls = AsyncLocalStorage.snapshot();
  let timer: NodeJS.Timeout | undefined;
  const failures = createFailureLog(log, 'the log of changes cannot be read', { level: 'warn' });
  let closed = false;

  const look = shared(() => outsideOfCalls(() => readOn(catalogLog, memory)));
  const lookAgain = async () => {
    await look().catch((error: unknown) => failures.failed(error));
    for (const one of waiting) if (one.position < memory.last) one.wake();
    timer = undefined;
    if (waiting.size > 0) poll();
  };
  const poll = () => {
    timer ??= outsideOfCalls(() => setTimeout(lookAgain, POLL_MS));
  };
  return {
    get closed() {
      return closed;
    },
    ends: look,
    read: async (after, storeId, limit) => {
      const remembered = memory.read(after, storeId, limit);
      if (remembered) return remembered;
      const { last } = memory;
      const changes = await catalogLog.read(after, storeId, limit);
      const reached = changes.at(-1)?.position ?? after;
      return { changes, reached: changes.length < limit && last > reached ? last : reached };
    },
    wait: (position, signal) =>
      new Promise((resolve) => {
        if (closed || signal.aborted || position < memory.last) return resolve();
        const wake = () => {
          waiting.delete(one);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const one = { position, wake };
        waiting.add(one);
        signal.addEventListener('abort', wake, { once: true });
        poll();
      }),
    close: () => {
      closed = true;
      clearTimeout(timer);
      for (const one of waiting) one.wake();
    },
  };
}

/** Who asks while some work runs waits for the next run, and shares it with all who ask meanwhile. */
function shared<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<Result> | undefined;
  return () => {
    next ??= running.then(() => {
      next = undefined;
      const result = work();
      running = result.catch(() => undefined);
      return result;
    });
    return next;
  };
}

type Memory = ReturnType<typeof createMemory>;

/** The latest changes. Their positions follow each other without a gap. */
function createMemory() {
  let changes: CatalogChange[] = [];
  let last = -1n;
  return {
    get last() {
      return last;
    },
    /** Forgets all, and goes on from a position. */
    reset: (position: bigint) => {
      changes = [];
      last = position;
    },
    add: (more: readonly CatalogChange[]) => {
      // Some were purged meanwhile: positions before the gap are looked up in the log.
      if (more[0]?.position !== last + 1n) changes = [];
      changes.push(...more);
      last = more.at(-1)?.position ?? last;
      if (changes.length > REMEMBERED_MAX) changes = changes.slice(-REMEMBERED_MAX / 2);
    },
    /** Changes after a position, and how far they reach; undefined where it does not go back so far. */
    read: (after: bigint, storeId: string, limit: number) => {
      const start = changes.length - Number(last - after);
      if (start < 0) return undefined;
      const found: CatalogChange[] = [];
      for (let at = start; at < changes.length && found.length < limit; at += 1) {
        const change = changes[at];
        if (change && (storeId === '' || change.storeId === storeId)) found.push(change);
      }
      return { changes: found, reached: found.length < limit ? maxOf(last, after) : (found.at(-1)?.position ?? after) };
    },
  };
}

/** Reads what was added to the log. After a long pause it begins at the log's end: nobody was fed from memory meanwhile. */
async function readOn(catalogLog: CatalogLog, memory: Memory) {
  const ends = await catalogLog.ends();
  const behind = ends.last - memory.last;
  if (memory.last < 0n || behind > REMEMBERED_MAX / 2 || behind < 0n) memory.reset(ends.last);
  while (memory.last < ends.last) {
    const more = await catalogLog.read(memory.last, '', BATCH);
    if (more.length === 0) memory.reset(ends.last);
    else memory.add(more);
  }
  return ends;
}

function maxOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
