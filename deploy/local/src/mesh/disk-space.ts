import { existsSync, mkdirSync, statfsSync } from 'node:fs';
import type { ProcessSpec } from './processes.ts';
import type { State } from './state.ts';

const MEGABYTE = 1_000_000;
const NEW_DATABASE_MB = 200;
const ALWAYS_MB = 30;

/**
 * Refuses to start where the disk would fill up half-way.
 * @throws Error saying how much is needed and how much there is
 */
export const requireDiskSpace = (state: State, services: readonly ProcessSpec[]): void => {
  mkdirSync(state.dir, { recursive: true, mode: 0o700 });
  const fresh = services.filter(({ name }) => !existsSync(state.mysqlDir(name))).length;
  const neededMb = ALWAYS_MB + fresh * NEW_DATABASE_MB;
  const { bavail, bsize } = statfsSync(state.dir);
  const freeMb = Math.floor((bavail * bsize) / MEGABYTE);
  if (freeMb < neededMb)
    throw new Error(`the disk is full: ${state.dir} needs ${neededMb} MB and has ${freeMb} MB left`);
};
