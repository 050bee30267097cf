import type { State } from '../mesh/state.ts';
import { stopRunning } from '../mesh/supervise.ts';
import { removeContainer } from './docker.ts';
import { mysqlName } from './instance.ts';

const STOPPED_WITHIN_MS = 30_000;

/** Stops a service's MySQL gracefully. @returns whether it was running */
export const stopMysql = async (state: State, owner: string): Promise<boolean> => {
  const wasRunning = await stopRunning(state, mysqlName(owner), STOPPED_WITHIN_MS);
  await removeContainer(state, owner);
  return wasRunning;
};
