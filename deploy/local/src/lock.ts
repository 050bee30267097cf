import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { say } from './steps.ts';

/**
 * Runs `work` while holding a lock of this clone, after whoever holds it now. The kernel holds it for a child that
 * lives no longer than this process, so it is free again whichever way this process ends. Without flock(1), which
 * every Linux has and macOS has not, there is no lock.
 */
export const withLock = async <T>(
  root: string,
  name: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> => {
  if (spawnSync('flock', ['--version'], { stdio: 'ignore' }).error !== undefined) return work();
  mkdirSync(join(root, '.tools'), { recursive: true });
  const file = join(root, '.tools', `${name}.lock`);
  const holder = (await take(file, ['-n'], signal)) ?? (await wait(file, signal));
  try {
    return await work();
  } finally {
    holder.stdin.end();
  }
};

const wait = async (file: string, signal: AbortSignal) => {
  say('another make is at work here: waiting for it');
  const holder = await take(file, [], signal);
  signal.throwIfAborted();
  if (holder === undefined) throw new Error(`cannot lock ${file}`);
  return holder;
};

/** @returns the process that holds the lock until its input ends, or undefined when it could not get it */
const take = async (file: string, flags: readonly string[], signal: AbortSignal) => {
  signal.throwIfAborted();
  const script = 'echo locked; exec cat >/dev/null';
  const holder = spawn('flock', [...flags, file, 'sh', '-c', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const stop = () => holder.kill();
  signal.addEventListener('abort', stop, { once: true });
  const locked = await Promise.race([
    once(holder.stdout, 'data').then(() => true),
    once(holder, 'exit').then(() => false),
  ]);
  signal.removeEventListener('abort', stop);
  return locked ? holder : undefined;
};
