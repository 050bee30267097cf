import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Reached, STEPS } from '../../src/domain/steps.ts';

/**
 * Kills this process at each step, the first time that any process with the same folder reaches it: who makes the step's file
 * dies. The folder's `steps.json` lists all steps, its `reached/` has a file for each that somebody died at.
 */
export function dyingOnceAtEach(folder: string): Reached {
  const dir = join(folder, 'reached');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(folder, 'steps.json'), JSON.stringify(STEPS));
  const survived = new Set(readdirSync(dir));
  return (step) => {
    if (survived.has(step)) return;
    survived.add(step);
    if (isFirst(join(dir, step))) process.kill(process.pid, 'SIGKILL');
  };
}

function isFirst(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx'));
    return true;
  } catch {
    return false;
  }
}
