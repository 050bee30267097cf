import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from './member.ts';
import type { Random } from './random.ts';

const POLL_MS = 100;
/** What has to be done between two kills. On a machine that is too slow for that, the next one comes after the time besides. */
const DONE_BETWEEN = 5;
const STANDSTILL_MS = 60_000;

/**
 * Kills processes at random, of those that have started, until it is told to stop.
 * @param pauseMs the longest time between two, where enough got done since the first.
 * @param done how much got done until now.
 */
export function killAtRandom(
  members: readonly Member[],
  random: Random,
  pauseMs: number,
  done: () => number,
): { stop(): Promise<number> } {
  const ended = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: ended.signal }).catch(() => undefined);
  const somethingDone = async (before: number) => {
    const end = Date.now() + STANDSTILL_MS;
    while (done() < before + DONE_BETWEEN && Date.now() < end && !ended.signal.aborted) await pause(POLL_MS);
  };
  const killing = (async () => {
    let killed = 0;
    for (;;) {
      await pause(random.int(pauseMs));
      const member = random.pick(members);
      const isUp = await member.isUp();
      if (ended.signal.aborted) return killed;
      if (!isUp) continue;
      member.kill();
      killed += 1;
      await somethingDone(done());
    }
  })();
  return {
    stop: () => {
      ended.abort();
      return killing;
    },
  };
}
