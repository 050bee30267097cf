import { setTimeout as delay } from 'node:timers/promises';
import { startTimeOf } from '../src/mesh/pid-files.ts';

/** Waits until a process has ended: the system takes a moment after the signal. The test's time limit bounds it. */
export const untilGone = async (pid: number): Promise<void> => {
  while (startTimeOf(pid) !== undefined) await delay(10);
};
