import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Running } from './pid-files.ts';
import { findRunning, forget, isAlive, recordRunning } from './pid-files.ts';
import type { State } from './state.ts';

const LOG_BYTES_MAX = 20 * 1024 * 1024;
const POLL_MS = 20;
const KILLED_WITHIN_MS = 10_000;

export type StartOptions = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly configHash: string;
};

/** A process in the background: it outlives this one, in a group of its own, with its output in its log file. */
export type Started = {
  readonly running: Running;
  readonly logFile: string;
  /** Where in the log file the output of this start begins. */
  readonly logOffset: number;
};

/** @throws Error when the command cannot be started */
export const startInBackground = async (state: State, options: StartOptions): Promise<Started> => {
  const logFile = state.logFile(options.name);
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
  const logOffset = rotate(logFile);
  const log = openSync(logFile, 'a', 0o600);
  try {
    const { command, args, cwd, env } = options;
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', log, log] });
    const { pid } = child;
    if (pid === undefined) throw new Error(`cannot start ${options.name}: ${await whyNot(child)}`);
    child.unref();
    return { running: recordRunning(state, options.name, pid, options.configHash), logFile, logOffset };
  } finally {
    closeSync(log);
  }
};

/** A process that runs already, seen as if it had been started now. */
export const atWork = (state: State, running: Running): Started => {
  const logFile = state.logFile(running.name);
  return { running, logFile, logOffset: existsSync(logFile) ? statSync(logFile).size : 0 };
};

/** Asks a process and its group to end, insists after `graceMs`, and waits. @returns whether it was running */
export const stopRunning = async (state: State, name: string, graceMs = 10_000): Promise<boolean> => {
  const running = findRunning(state, name);
  if (running === undefined) return false;
  signalGroup(running, 'SIGTERM');
  if (!(await hasEnded(running, graceMs))) await killRunning(state, name);
  forget(state, name);
  return true;
};

/** Ends a process and its group at once, as a power cut would, and waits. @returns whether it was running */
export const killRunning = async (state: State, name: string): Promise<boolean> => {
  const running = findRunning(state, name);
  if (running === undefined) return false;
  signalGroup(running, 'SIGKILL');
  await hasEnded(running, KILLED_WITHIN_MS);
  forget(state, name);
  return true;
};

export const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

const whyNot = async (child: ChildProcess): Promise<string> => {
  const [error] = await once(child, 'error');
  return error.message;
};

const hasEnded = async (running: Running, withinMs: number): Promise<boolean> => {
  const end = performance.now() + withinMs;
  while (isAlive(running)) {
    if (performance.now() >= end) return false;
    await delay(POLL_MS);
  }
  return true;
};

const signalGroup = (running: Running, signal: NodeJS.Signals): void => {
  if (!isAlive(running)) return;
  try {
    process.kill(-running.pid, signal);
  } catch {
    // it ended in between
  }
};

/** Keeps one older log file. @returns the size of the log file that is written on */
const rotate = (logFile: string): number => {
  try {
    const { size } = statSync(logFile);
    if (size < LOG_BYTES_MAX) return size;
    renameSync(logFile, `${logFile}.1`);
    return 0;
  } catch {
    return 0;
  }
};
