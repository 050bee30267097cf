import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Reached, STEPS } from '../../src/domain/steps.ts';

/** Which steps kill: a share of them, from 0 to 1, drawn by a seed that all processes of a run have in common. */
interface Draw {
  readonly share: number;
  readonly seed: string;
}

/**
 * Kills this process at each drawn step, the first time that any process with the same folder reaches it: the process that
 * creates the step's file dies. The folder's `steps.json` lists the drawn steps, its `reached/` has a file for each that a
 * process died at.
 */
export function dyingOnceAtEach(folder: string, { share, seed }: Draw): Reached {
  const dir = join(folder, 'reached');
  mkdirSync(dir, { recursive: true });
  const drawn = new Set<string>(STEPS.filter((step) => fractionOf(`${seed} ${step}`) < share));
  writeFileSync(join(folder, 'steps.json'), JSON.stringify([...drawn]));
  const survived = new Set(readdirSync(dir));
  return (step) => {
    if (!drawn.has(step) || survived.has(step)) return;
    survived.add(step);
    if (isFirst(join(dir, step))) process.kill(process.pid, 'SIGKILL');
  };
}

/** @returns a fraction below 1, the same for the same text. */
function fractionOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}

function isFirst(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx'));
    return true;
  } catch {
    return false;
  }
}
