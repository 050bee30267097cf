import { every } from '@malla/chassis/every';
import { createFailureLog } from '@malla/chassis/failure-log';
import type { Logger } from '@malla/chassis/logger';

/** What is to be done about an entry of a queue that was taken. */
export type Job = () => Promise<void>;

/** How a queue is worked on. */
export interface SlotOptions {
  /** Names the queue in logs. */
  readonly name: string;
  /** How many entries are worked on at once, at most. */
  readonly slotsMax: number;
  /** How long after the queue was empty it is looked at again, in milliseconds. */
  readonly intervalMs: number;
  readonly log: Logger;
}

/**
 * Works on a queue, on several entries at once: one that hangs holds up no other.
 * @param take takes an entry that is due, so that nobody else does; undefined when there is none.
 * @returns how to stop; resolves when everything that was taken is done.
 */
export function startSlots(
  { name, slotsMax, intervalMs, log }: SlotOptions,
  take: () => Promise<Job | undefined>,
): () => Promise<void> {
  const failures = createFailureLog(log, `${name} failed`);
  const running = new Set<Promise<void>>();
  let stopped = false;
  /** Goes on with other entries until there is none that is due. */
  const work = async (first: Job) => {
    for (let job: Job | undefined = first; job; job = stopped ? undefined : await take()) await job();
  };
  const stopTaking = every(intervalMs, name, log, async () => {
    while (!stopped && running.size < slotsMax) {
      const job = await take();
      if (!job) return;
      const slot = work(job).catch((error: unknown) => failures.failed(error));
      running.add(slot);
      void slot.finally(() => running.delete(slot));
    }
  });
  return async () => {
    stopped = true;
    await stopTaking();
    await Promise.all(running);
  };
}
