import { mysqlName } from '../mysql/instance.ts';
import { stopMysql } from '../mysql/stop.ts';
import { allRunning, type Running } from './pid-files.ts';
import { ofKind, type ProcessSpec } from './processes.ts';
import type { State } from './state.ts';
import { stopRunning } from './supervise.ts';

/**
 * Stops the processes of a mesh: those that others call after their callers, and every MySQL last.
 * @param which all of them unless it says no
 * @returns the names of what ran
 */
export const stopMesh = async (
  state: State,
  processes: readonly ProcessSpec[],
  which: (running: Running) => boolean = () => true,
): Promise<string[]> => {
  const ours = new Set(processes.flatMap(({ name }) => [name, mysqlName(name)]));
  const names = allRunning(state)
    .filter((running) => ours.has(running.name) && which(running))
    .map(({ name }) => name);
  const stopAll = (specs: readonly ProcessSpec[], nameOf: (spec: ProcessSpec) => string, stop: typeof stopRunning) =>
    Promise.all(specs.filter((spec) => names.includes(nameOf(spec))).map(({ name }) => stop(state, name)));
  await stopAll(ofKind(processes, 'gateway'), ({ name }) => name, stopRunning);
  await stopAll(ofKind(processes, 'service'), ({ name }) => name, stopRunning);
  await stopAll(ofKind(processes, 'sandbox'), ({ name }) => name, stopRunning);
  await stopAll(ofKind(processes, 'service'), ({ name }) => mysqlName(name), stopMysql);
  return names;
};
