import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from './member.ts';
import type { Random } from './random.ts';

/** Kills processes at random, of those that have started, until it is told to stop. @param pauseMs the longest time between two. */
export function killAtRandom(members: readonly Member[], random: Random, pauseMs: number): { stop(): Promise<number> } {
  const ended = new AbortController();
  const killing = (async () => {
    let killed = 0;
    for (;;) {
      await sleep(random.int(pauseMs), undefined, { signal: ended.signal }).catch(() => undefined);
      const member = random.pick(members);
      const isUp = await member.isUp();
      if (ended.signal.aborted) return killed;
      if (!isUp) continue;
      member.kill();
      killed += 1;
    }
  })();
  return {
    stop: () => {
      ended.abort();
      return killing;
    },
  };
}
