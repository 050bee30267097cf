import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const VARIABLE = 'MALLA_RUN';
const GRACE_MS = 10_000;
const POLL_MS = 50;

/**
 * Marks this process, and through the environment every process that comes from it, as one run. A run inside a run
 * (a test that types `up`) gets a longer mark, so that the outer one includes it.
 */
export const markRun = (): string => {
  const outer = process.env[VARIABLE];
  const id = `${process.pid}-${Date.now().toString(36)}`;
  process.env[VARIABLE] = outer === undefined ? id : `${outer}/${id}`;
  return process.env[VARIABLE];
};

/**
 * Ends every process of a run but this one: asks first, insists after 10 s. However a process got away from its parent,
 * it keeps the mark. Only where there is /proc; elsewhere it does nothing.
 */
export const endRun = async (run: string): Promise<void> => {
  const end = performance.now() + GRACE_MS;
  const asked = new Set<number>();
  for (let pids = pidsOf(run); pids.length > 0; pids = pidsOf(run)) {
    const late = performance.now() > end;
    for (const pid of pids.filter((found) => late || !asked.has(found))) send(pid, late ? 'SIGKILL' : 'SIGTERM');
    for (const pid of pids) asked.add(pid);
    await delay(POLL_MS);
  }
};

const pidsOf = (run: string): number[] => {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && isOf(run, pid));
};

const isOf = (run: string, pid: number): boolean => {
  try {
    const mark = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .find((line) => line.startsWith(`${VARIABLE}=`))
      ?.slice(VARIABLE.length + 1);
    return mark === run || mark?.startsWith(`${run}/`) === true;
  } catch {
    return false;
  }
};

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended in between
  }
};
