import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { State } from './state.ts';
import { writeWhole } from './state.ts';

/** A running process, told apart from a later one that got the same pid by when it started. */
export type Running = {
  readonly name: string;
  readonly pid: number;
  readonly startTime: string;
  /** Hash of the environment it was started with. */
  readonly configHash: string;
};

/** When a process started, in the system's own words; undefined when it is gone or only waits to be reaped. */
export const startTimeOf = (pid: number): string | undefined => {
  try {
    return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
  } catch {
    return undefined;
  }
};

/**
 * proc(5): the fields after the command, which is in parentheses: state, ..., number of threads, ..., start time. A
 * killed process is a zombie while its other threads still hold its ports: until the last of them has gone it lives.
 */
const fromProc = (pid: number): string | undefined => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, threads, startTime] = [fields[0] ?? '', Number(fields[17]), fields[19]];
  return 'ZX'.includes(state) && threads <= 1 ? undefined : startTime;
};

const fromPs = (pid: number): string | undefined =>
  execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim() || undefined;

export const isAlive = ({ pid, startTime }: Running): boolean => startTimeOf(pid) === startTime;

export const recordRunning = (state: State, name: string, pid: number, configHash: string): Running => {
  const running = { name, pid, startTime: startTimeOf(pid) ?? 'gone', configHash };
  writeWhole(state.pidFile(name), `${JSON.stringify(running)}\n`);
  return running;
};

/** The process that a pid file names, if it still runs. */
export const findRunning = (state: State, name: string): Running | undefined => {
  const running = readPidFile(state.pidFile(name));
  return running !== undefined && isAlive(running) ? running : undefined;
};

/** Every process of the state directory that runs. */
export const allRunning = (state: State): Running[] => {
  const dir = join(state.pidFile(''), '..');
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => findRunning(state, file.slice(0, -'.json'.length)) ?? []);
};

export const forget = (state: State, name: string): void => rmSync(state.pidFile(name), { force: true });

const readPidFile = (path: string): Running | undefined => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
};
